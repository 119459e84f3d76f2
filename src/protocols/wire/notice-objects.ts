import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Notice, NoticeCode } from '../../model/notice.ts';
import { isArray } from './fields.ts';

/** A notice as the bodies of all wires have it. */
export function writeNotice({ code, path, message }: Notice): JsonObject {
  return { code, path, message };
}

const noticeCodes: readonly NoticeCode[] = ['dropped', 'moved', 'clamped', 'ignored', 'stand-in', 'estimated'];

/** Notices of a flashmux that is our upstream. */
export function noticesOf(value: Json | undefined): readonly Notice[] {
  if (!isArray(value)) return [];
  const notices: Notice[] = [];
  for (const entry of value) {
    if (!isJsonObject(entry)) continue;
    const code = noticeCodes.find((known) => known === entry['code']);
    const { path, message } = entry;
    if (code !== undefined && typeof path === 'string' && typeof message === 'string') notices.push({ code, path, message });
  }
  return notices;
}
