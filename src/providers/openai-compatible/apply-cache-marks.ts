import { isJsonObject, type Json } from '../../model/json.ts';
import type { CacheMarks } from '../quirks.ts';
import type { Draft } from '../http-host/draft.ts';
import { changeParts } from './message-parts.ts';

/**
 * Cache marks as the host has them. Too many: the last ones count, because the longest beginning of a conversation is found first and
 * holds the shorter ones (Model Studio documentation, 2026-09). Hosts without marks cache by themselves or not at all.
 */
export function applyCacheMarks(draft: Draft, marks: CacheMarks): void {
  if (marks.kind === 'as-written') return;
  const places = marked(draft);
  if (places.length === 0) return;
  const kept = marks.kind === 'none' ? [] : places.slice(Math.max(0, places.length - marks.most));
  if (places.length > kept.length) tellDropped(draft, places, kept.length);
  changeParts(draft, (part, path) => {
    if (!('cache_control' in part)) return part;
    const { cache_control: mark, ...unmarked } = part;
    if (!kept.includes(path)) return unmarked;
    return { ...unmarked, cache_control: withLifetime(mark, marks, path, draft) };
  });
}

function marked(draft: Draft): readonly string[] {
  const places: string[] = [];
  changeParts(draft, (part, path) => {
    if ('cache_control' in part) places.push(path);
    return part;
  });
  return places;
}

function tellDropped(draft: Draft, places: readonly string[], kept: number): void {
  const [first = 'messages'] = places;
  const lost = places.length - kept;
  const message =
    kept === 0
      ? `This host has no cache marks; ${lost} of them were left out.`
      : `This host takes ${kept} cache marks; the last ${kept} were sent, ${lost} before them were left out.`;
  draft.tell('dropped', `${first}.cache_control`, message);
}

/** `{type: "ephemeral"}` without more, where the host's entries all live equally long. */
function withLifetime(mark: Json | undefined, marks: CacheMarks, path: string, draft: Draft): Json {
  const lifetime = isJsonObject(mark) ? mark['ttl'] : undefined;
  if (lifetime === undefined) return { type: 'ephemeral' };
  const has = marks.kind === 'ephemeral' ? marks.lifetimes : [];
  if (typeof lifetime === 'string' && has.includes(lifetime)) return { type: 'ephemeral', ttl: lifetime };
  draft.tell('clamped', `${path}.cache_control.ttl`, 'This host has its own lifetime of cache entries; that holds.');
  return { type: 'ephemeral' };
}
