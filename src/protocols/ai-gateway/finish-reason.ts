import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { AnswerEnd, FinishReason } from '../../model/event.ts';
import { isText } from './words.ts';

const reasons: readonly FinishReason[] = ['stop', 'length', 'content-filter', 'tool-calls', 'error', 'other'];

export type Ending = Pick<AnswerEnd, 'reason' | 'providerReason'>;

/** The unified words are those of the model; `raw` is the host's own. An answer that was cut before its end ended for another reason. */
export function writeFinishReason({ reason, providerReason }: Partial<Ending>): JsonObject {
  const unified = reason ?? 'other';
  return { unified, raw: providerReason ?? unified };
}

/** Specification 4 has `interrupted` too, which the model has not: it is kept as the host's word. A string is the form before 3. */
export function readFinishReason(value: Json | undefined): Ending {
  const { unified, raw } = isJsonObject(value) ? value : { unified: value, raw: value };
  const reason = reasons.find((known) => known === unified) ?? 'other';
  const own = raw !== undefined && isText(raw) ? raw : typeof unified === 'string' ? unified : undefined;
  return own === undefined || own === reason ? { reason } : { reason, providerReason: own };
}
