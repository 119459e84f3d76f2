import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { TokenLogprob } from '../../model/part.ts';
import { isArray } from './fields.ts';

/** Entries that are not of the form are left out: a figure of a host must never fail an answer. Undefined where there are none. */
export function readLogprobs(value: Json | undefined): readonly TokenLogprob[] | undefined {
  if (!isArray(value) || value.length === 0) return undefined;
  const tokens: TokenLogprob[] = [];
  for (const entry of value) {
    const token = readToken(entry);
    if (token === undefined || !isJsonObject(entry)) continue;
    const top = entry['top_logprobs'];
    tokens.push({ ...token, top: isArray(top) ? top.map(readToken).filter((one) => one !== undefined) : [] });
  }
  return tokens.length === 0 ? undefined : tokens;
}

function readToken(entry: Json): Omit<TokenLogprob, 'top'> | undefined {
  if (!isJsonObject(entry)) return undefined;
  const { token, logprob, bytes } = entry;
  if (typeof token !== 'string' || typeof logprob !== 'number') return undefined;
  return { token, logprob, bytes: isArray(bytes) ? bytes.filter((byte) => typeof byte === 'number') : null };
}

/** `content` and `refusal` are both arrays: seed 003 requires both, and no client minds an empty one. */
export function writeLogprobs(content: readonly TokenLogprob[], refusal: readonly TokenLogprob[]): JsonObject {
  return { content: content.map(writeToken), refusal: refusal.map(writeToken) };
}

function writeToken(entry: TokenLogprob): JsonObject {
  return {
    token: entry.token,
    logprob: entry.logprob,
    bytes: entry.bytes,
    top_logprobs: entry.top.map(({ token, logprob, bytes }) => ({ token, logprob, bytes })),
  };
}
