import type { ProviderType } from '../config/provider-settings.ts';
import { messagesRows, type MessagesQuirks } from '../providers/anthropic-messages/messages-quirks.ts';
import { rowNamed } from '../providers/http-host/row-named.ts';
import { responsesRows, type ResponsesQuirks } from '../providers/openai-responses/responses-quirks.ts';
import { quirksRows, type Quirks } from '../providers/quirks.ts';

/** A row of quirks, of the table of its protocol. */
export type HostRow =
  | { readonly type: 'openai-compatible'; readonly quirks: Quirks }
  | { readonly type: 'anthropic-messages'; readonly quirks: MessagesQuirks }
  | { readonly type: 'openai-responses'; readonly quirks: ResponsesQuirks }
  | { readonly type: 'segmind'; readonly quirks: Quirks };

/**
 * The row that the configuration names, or that of the preset, or the one that promises least. Throws `invalid_request` (param
 * `quirks`), naming the rows, where the protocol has none of the configured name.
 */
export function hostRow(type: ProviderType, named: string | undefined, preset: string | undefined): HostRow {
  switch (type) {
    case 'openai-compatible':
      return { type, quirks: rowOf<Quirks>(quirksRows, named, preset) };
    case 'anthropic-messages':
      return { type, quirks: rowOf<MessagesQuirks>(messagesRows, named, preset) };
    case 'openai-responses':
      return { type, quirks: rowOf<ResponsesQuirks>(responsesRows, named, preset) };
    case 'segmind':
      return { type, quirks: rowOf<Quirks>(quirksRows, named, preset ?? 'segmind') };
  }
}

/** Not every protocol that a preset can be asked in has a row of its name. */
function rowOf<Row>(rows: Readonly<Record<string, Row>>, named: string | undefined, preset: string | undefined): Row {
  const own = preset !== undefined && Object.hasOwn(rows, preset) ? preset : 'generic';
  return rowNamed(rows, named ?? own);
}
