import { isDeepStrictEqual } from 'node:util';
import type { Part } from '../../src/model/part.ts';
import type { GenerateRequest } from '../../src/model/request.ts';
import type { Turn } from '../../src/model/turn.ts';
import { identities } from './tagged.ts';

/** One thing that is not as it was. */
export interface Difference {
  /** In the model's words, such as `text.cacheMark`, `turn.name` or `sampling.seed`. */
  readonly what: string;
  /** Where it stood, as notices name places: `messages[1].content[0]`, or the name of a parameter. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** What of a request did not come back as it was. Both must be made of a tagged request. */
export function requestDifferences(before: GenerateRequest, after: GenerateRequest): readonly Difference[] {
  return [...fieldDifferences(before, after), ...turnDifferences(before.turns, after.turns)];
}

// ---------------------------------------------------------------------------------------------------- parameters

/** Fields that are told field by field, because protocols have words for some of them only. */
const nested = new Set([
  'sampling',
  'limits',
  'thinking',
  'form',
  'delivery',
  'vision',
  'serverTools',
  'routing',
  'audio',
  'logprobs',
]);

function fieldDifferences(before: GenerateRequest, after: GenerateRequest): readonly Difference[] {
  const { turns: _, tools, ...one } = before;
  const { turns: __, tools: otherTools, ...other } = after;
  const found = named(one, other).flatMap(([name, was, is]): readonly Difference[] => {
    if (!nested.has(name) || !isRecord(was) || !isRecord(is)) return [{ what: name, path: name, before: was, after: is }];
    return named(was, is).map(([field, x, y]) => ({ what: `${name}.${field}`, path: `${name}.${field}`, before: x, after: y }));
  });
  const toolChanges = tools.flatMap((tool, index): readonly Difference[] => {
    const path = `tools[${index}]`;
    const same = otherTools.find(({ name }) => name === tool.name);
    if (same === undefined) return [{ what: 'tools.dropped', path }];
    return named(tool, same).map(([field, x, y]) => ({ what: `tools.${field}`, path, before: x, after: y }));
  });
  return [...found, ...toolChanges];
}

/** The fields in which two objects differ, with both values. */
function named(one: object, other: object): readonly (readonly [string, unknown, unknown])[] {
  const [x, y] = [new Map<string, unknown>(Object.entries(one)), new Map<string, unknown>(Object.entries(other))];
  return [...new Set([...x.keys(), ...y.keys()])]
    .filter((name) => !isDeepStrictEqual(x.get(name), y.get(name)))
    .map((name) => [name, x.get(name), y.get(name)] as const);
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// --------------------------------------------------------------------------------------------------------- turns

/** A part with the place where it stands. Parts of results stand in their result. */
interface Placed {
  readonly part: Part;
  readonly turn: number;
  readonly path: string;
  /** The result that it stands in. */
  readonly inside?: string;
}

function placedParts(turns: readonly Turn[]): readonly Placed[] {
  return turns.flatMap(({ parts }, turn) =>
    parts.flatMap((part, index): readonly Placed[] => {
      const path = `messages[${turn}].content[${index}]`;
      if (part.kind !== 'tool-result') return [{ part, turn, path }];
      const { callId } = part;
      const inner = part.parts.map((one, place) => ({ part: one, turn, path: `${path}.content[${place}]`, inside: callId }));
      return [{ part, turn, path }, ...inner];
    }),
  );
}

interface Match {
  readonly was: Placed;
  readonly is: Placed;
  /** Where it stands among the parts of the other request. */
  readonly at: number;
}

/** What of a conversation did not come back as it was. */
export function turnDifferences(before: readonly Turn[], after: readonly Turn[]): readonly Difference[] {
  const others = placedParts(after);
  const places = new Map<string, number>();
  for (const [at, { part }] of others.entries()) for (const id of identities(part)) places.set(id, at);
  const differences: Difference[] = [];
  const matches: Match[] = [];
  for (const was of placedParts(before)) {
    const [id] = identities(was.part);
    const at = id === undefined ? undefined : places.get(id);
    const is = at === undefined ? undefined : others[at];
    if (at === undefined || is === undefined)
      differences.push({ what: `${was.part.kind}.dropped${placeOf(was, before)}`, path: was.path });
    else matches.push({ was, is, at });
  }
  for (const match of matches) differences.push(...partDifferences(match, before, after));
  differences.push(...orderDifferences(matches), ...boundaryDifferences(matches), ...headDifferences(matches, before, after));
  const found = new Set(matches.map(({ at }) => at));
  const added = others.filter((_, at) => !found.has(at));
  const [had, has] = [before, after].map((turns) => turns.filter(({ parts }) => parts.length === 0).length);
  return [
    ...differences,
    ...added.map(({ part }) => ({ what: `${part.kind}.added`, path: 'messages', after: part })),
    ...emptyDifferences(had ?? 0, has ?? 0, differences),
  ];
}

/** A turn whose parts were all dropped may stay behind, empty. */
function emptyDifferences(had: number, has: number, others: readonly Difference[]): readonly Difference[] {
  if (had > has) return [{ what: 'turn.empty', path: 'messages', before: had, after: has }];
  const isLeft = others.some(({ what }) => what.includes('dropped') || what.includes('outside of its result'));
  return had === has || isLeft ? [] : [{ what: 'turn.added', path: 'messages' }];
}

/** Losses depend on where a part stands: in a result, or in which role's turn. */
function placeOf({ inside, turn }: Placed, turns: readonly Turn[]): string {
  return ` (${inside === undefined ? (turns[turn]?.role ?? '') : 'result'})`;
}

function partDifferences({ was, is }: Match, before: readonly Turn[], after: readonly Turn[]): readonly Difference[] {
  const { path } = was;
  const kind = was.part.kind;
  const found: Difference[] = [];
  if (was.inside !== is.inside) found.push({ what: `${kind}.outside of its result`, path, before: was.inside, after: is.inside });
  const [role, otherRole] = [before[was.turn]?.role, after[is.turn]?.role];
  if (role !== otherRole && was.inside === is.inside) {
    found.push({ what: `turn.role ${role} to ${otherRole}`, path: `messages[${was.turn}]` });
  }
  if (kind !== is.part.kind) return [...found, { what: `${kind} to ${is.part.kind}`, path, before: was.part, after: is.part }];
  const fields = named(withoutInner(was.part), withoutInner(is.part));
  return [...found, ...fields.map(([field, x, y]) => ({ what: `${kind}.${field}`, path, before: x, after: y }))];
}

function withoutInner(part: Part): object {
  if (part.kind !== 'tool-result') return part;
  const { parts: _, ...rest } = part;
  return rest;
}

/** The fewest parts that would have to be taken out for the others to be in their order. */
function orderDifferences(matches: readonly Match[]): readonly Difference[] {
  // Longest increasing subsequence, by the shortest ends of runs of each length.
  const previous: (number | undefined)[] = [];
  const ends: number[] = [];
  for (const [index, { at }] of matches.entries()) {
    let length = ends.findIndex((end) => (matches[end]?.at ?? 0) > at);
    if (length < 0) length = ends.length;
    previous[index] = length === 0 ? undefined : ends[length - 1];
    ends[length] = index;
  }
  const kept = new Set<number>();
  for (let index = ends.at(-1); index !== undefined; index = previous[index]) kept.add(index);
  return matches.flatMap(({ was }, index) =>
    kept.has(index) ? [] : [{ what: `${was.part.kind}.order`, path: `messages[${was.turn}]` }],
  );
}

/** Whether neighbours still stand in one turn, and those of two turns in two. */
function boundaryDifferences(matches: readonly Match[]): readonly Difference[] {
  const outer = matches.filter(({ was, is }) => was.inside === undefined && is.inside === undefined);
  return outer.flatMap((match, index): readonly Difference[] => {
    const next = outer[index + 1];
    if (next === undefined) return [];
    const [were, are] = [match.was.turn === next.was.turn, match.is.turn === next.is.turn];
    if (were === are) return [];
    const kinds = `${match.was.part.kind} and ${next.was.part.kind}`;
    return [{ what: `${were ? 'turn.split' : 'turns.joined'}: ${kinds}`, path: next.was.path }];
  });
}

/** What a turn says beside its parts stands on the turn of its first part that came back, or on what is left of it without any. */
function headDifferences(matches: readonly Match[], before: readonly Turn[], after: readonly Turn[]): readonly Difference[] {
  return before.flatMap((turn, number): readonly Difference[] => {
    // A turn that says nothing has nothing to be found again by.
    if (turn.parts.length === 0) return [];
    const first = matches.find(({ was }) => was.turn === number && was.inside === undefined);
    const isLeft = (one: Turn): boolean => one.parts.length === 0 && one.role === turn.role && one.name === turn.name;
    const other = first === undefined ? after.find(isLeft) : after[first.is.turn];
    const path = `messages[${number}]`;
    return (['name', 'carry'] as const).flatMap((field): readonly Difference[] =>
      isDeepStrictEqual(turn[field], other?.[field])
        ? []
        : [{ what: `turn.${field}`, path, before: turn[field], after: other?.[field] }],
    );
  });
}
