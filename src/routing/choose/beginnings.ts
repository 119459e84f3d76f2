import { createHash } from 'node:crypto';
import type { Part } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { charactersOf } from './least-tokens.ts';

/** A shorter request is in nobody's cache: no host keeps fewer than 256 tokens (Model Studio, 2026-09). */
const leastCharacters = 1_024;

/**
 * What stays the same while a conversation goes on, as digests, the longest first: everything up to the first word of the user, and
 * everything up to the first cache mark, which other conversations may begin with as well. None for a request that is too short.
 */
export function beginningsOf(request: GenerateRequest, model: string, accountId: string | undefined): readonly string[] {
  const { turns, tools } = request;
  if (charactersOf(turns.flatMap(({ parts }) => parts)) < leastCharacters) return [];
  const firstOfUser = turns.findIndex(({ role }) => role === 'user');
  const opening = turns.slice(0, firstOfUser + 1);
  const marked = turns.findIndex(({ parts }) => parts.some(({ cacheMark }) => cacheMark !== undefined));
  const digest = (value: unknown): string => digestOf([accountId, model, tools, value]);
  const beginnings = [firstOfUser < 0 ? undefined : digest(opening), marked < 0 ? undefined : digest(upToMark(request, marked))];
  return [...new Set(beginnings.filter((each) => each !== undefined))];
}

/** How long the caller wants its marks to be kept, in milliseconds; 0 where it says nothing, undefined without marks. */
export function markedForMs({ turns }: GenerateRequest): number | undefined {
  const marks = turns.flatMap(({ parts }) => parts.flatMap(({ cacheMark }) => cacheMark ?? []));
  if (marks.length === 0) return undefined;
  return Math.max(...marks.map(({ lifetimeSeconds = 0 }) => lifetimeSeconds * 1_000));
}

function upToMark({ turns }: GenerateRequest, turn: number): readonly (readonly Part[])[] {
  const marked = turns[turn]?.parts ?? [];
  const before = turns.slice(0, turn).map(({ parts }) => parts);
  return [...before, marked.slice(0, marked.findIndex(({ cacheMark }) => cacheMark !== undefined) + 1)];
}

/** Above it, it is cheaper to digest a text by itself than to write it as JSON first. */
const longText = 256;

/** Without cache marks: callers move them along while the text stays. Long texts come behind the JSON, which has their lengths. */
function digestOf(value: unknown): string {
  const texts: string[] = [];
  const json = JSON.stringify(value, (key, inner: unknown) => {
    if (key === 'cacheMark') return undefined;
    if (typeof inner !== 'string' || inner.length < longText) return inner;
    texts.push(inner);
    return inner.length;
  });
  const digest = createHash('sha256').update(json);
  for (const text of texts) digest.update(text);
  return digest.digest('base64url');
}
