import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Notice, NoticeCode } from '../../model/notice.ts';
import { isArray } from '../wire/fields.ts';
import { fieldName } from './field-name.ts';

/*
 * Notices are what the specification calls warnings, and clients print them. Its kinds are fewer, so the exact code and path stand beside
 * them, where a flashmux that calls this one finds them again.
 */

export function writeWarning({ code, path, message }: Notice): JsonObject {
  switch (code) {
    case 'dropped':
    case 'ignored':
      return { type: 'unsupported', feature: fieldName(path), details: message, code, path };
    case 'moved':
    case 'clamped':
      return { type: 'compatibility', feature: fieldName(path), details: message, code, path };
    case 'stand-in':
    case 'estimated':
      return { type: 'other', message, code, path };
  }
}

/** A list of warnings, or of notices as they are. What is neither is left out: a warning must never fail an answer. */
export function readWarnings(value: Json | undefined): readonly Notice[] {
  return isArray(value) ? value.flatMap((warning) => (isJsonObject(warning) ? readWarning(warning) : [])) : [];
}

const codes: readonly NoticeCode[] = ['dropped', 'moved', 'clamped', 'ignored', 'stand-in', 'estimated'];

function readWarning(warning: JsonObject): readonly Notice[] {
  const message = [warning['details'], warning['message'], warning['feature'], warning['setting']].find(
    (text) => typeof text === 'string',
  );
  const path = [warning['path'], warning['feature'], warning['setting']].find((text) => typeof text === 'string');
  const own = codes.find((known) => known === warning['code']);
  if (message === undefined) return [];
  return [{ code: own ?? codeOf(warning['type']), path: path ?? '', message }];
}

/** What another gateway means by its kinds. */
function codeOf(type: Json | undefined): NoticeCode {
  return type === 'compatibility' ? 'clamped' : 'ignored';
}
