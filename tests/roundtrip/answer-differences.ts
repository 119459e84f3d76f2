import { isDeepStrictEqual } from 'node:util';
import type { Answer, Choice } from '../../src/model/answer.ts';
import type { Turn } from '../../src/model/turn.ts';
import type { Usage } from '../../src/model/usage.ts';
import { turnDifferences, type Difference } from './request-differences.ts';

/** What of an answer did not come back as it was. Both must be made of a tagged answer. Notices that were added are no difference. */
export function answerDifferences(before: Answer, after: Answer): readonly Difference[] {
  const kept = Math.min(before.choices.length, after.choices.length);
  const dropped = before.choices.slice(kept).map(() => ({ what: 'choices.dropped', path: '' }));
  const parts = turnDifferences(asTurns(before.choices.slice(0, kept)), asTurns(after.choices.slice(0, kept)));
  const ends = before.choices.slice(0, kept).flatMap((choice, index) => endDifferences(choice, after.choices[index]));
  return [
    // What the host did not tell of its answer is told by the server.
    ...(['id', 'model', 'provider', 'createdAt'] as const).flatMap((field) =>
      before[field] === undefined ? [] : changed(field, before[field], after[field]),
    ),
    ...dropped,
    // Protocols name the places of an answer each in its own way.
    ...parts.map((part) => ({ ...part, path: '' })),
    ...ends,
    ...usageDifferences(before.usage, after.usage),
    ...before.notices
      .filter((notice) => !after.notices.some((other) => isDeepStrictEqual(other, notice)))
      .map((notice) => ({ what: 'notices.dropped', path: '', before: notice })),
    ...changed('carried', sorted(before.carried), sorted(after.carried)),
  ];
}

function asTurns(choices: readonly Choice[]): readonly Turn[] {
  return choices.map(({ parts }) => ({ role: 'assistant', parts }));
}

function endDifferences(before: Choice, after: Choice | undefined): readonly Difference[] {
  return (['reason', 'providerReason', 'stopSequence'] as const).flatMap((field) =>
    changed(field, before[field], after?.[field]),
  );
}

function usageDifferences(before: Usage | undefined, after: Usage | undefined): readonly Difference[] {
  const [was, is] = [flat(before), flat(after)];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((name) => changed(`usage.${name}`, was.get(name), is.get(name)));
}

/** `raw` is the host's own account, and what a reader did not need of it. */
function flat(usage: Usage | undefined): ReadonlyMap<string, unknown> {
  if (usage === undefined) return new Map();
  const { input, output, toolCalls, estimated } = usage;
  return new Map<string, unknown>([
    ...Object.entries(input).map(([name, value]) => [`input.${name}`, value] as const),
    ...Object.entries(output).map(([name, value]) => [`output.${name}`, value] as const),
    ...Object.entries(toolCalls).map(([name, value]) => [`toolCalls.${name}`, value] as const),
    ...(estimated === undefined ? [] : [['estimated', estimated] as const]),
  ]);
}

function changed(what: string, before: unknown, after: unknown): readonly Difference[] {
  return isDeepStrictEqual(before, after) ? [] : [{ what, path: '', before, after }];
}

/** Carried fields have no order among their places. */
function sorted(carried: Answer['carried']): Answer['carried'] {
  return [...carried].toSorted((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other)));
}
