import fc from 'fast-check';
import type { Answer } from '../../../src/model/answer.ts';
import type { AnswerEvent, EventBatch } from '../../../src/model/event.ts';
import { unfold } from '../../../src/model/stream.ts';

/** The events of an answer with its deltas cut into pieces and its choices interleaved: another stream that folds to the same answer. */
export function eventsOf(answer: Answer): fc.Arbitrary<readonly AnswerEvent[]> {
  const events = unfold(answer).flatMap((event): AnswerEvent[] => (event.kind === 'usage' ? [event, event] : [event]));
  return fc.infiniteStream(fc.nat({ max: 6 })).map((dice) =>
    interleave(
      events.flatMap((event) => cut(event, dice)),
      dice,
    ),
  );
}

/** Events in batches, none of them empty. */
export function batchesOf(events: readonly AnswerEvent[]): fc.Arbitrary<readonly EventBatch[]> {
  return fc.infiniteStream(fc.integer({ min: 1, max: 5 })).map((sizes) => {
    const batches: EventBatch[] = [];
    for (let start = 0; start < events.length;) {
      const size = next(sizes);
      batches.push(events.slice(start, start + size));
      start += size;
    }
    return batches;
  });
}

function next(dice: Iterator<number>): number {
  const { value } = dice.next();
  return typeof value === 'number' ? value : 1;
}

/** Cuts the text of one delta in two. Log probabilities stay with the first piece. */
function cut(event: AnswerEvent, dice: Iterator<number>): AnswerEvent[] {
  if (event.kind !== 'part-delta') return [event];
  const { delta } = event;
  if (delta.kind !== 'text' && delta.kind !== 'reasoning' && delta.kind !== 'arguments') return [event];
  const at = next(dice);
  if (at === 0 || at >= delta.text.length) return [event];
  const rest = { kind: delta.kind, text: delta.text.slice(at) };
  return [
    { ...event, delta: { ...delta, text: delta.text.slice(0, at) } },
    { ...event, delta: rest },
  ];
}

/** Moves events of later answers before those of earlier ones, each answer keeping its own order. */
function interleave(events: readonly AnswerEvent[], dice: Iterator<number>): AnswerEvent[] {
  const shared = events.filter((event) => !('answer' in event) || event.kind === 'carry');
  const head = shared.filter((event) => event.kind !== 'usage');
  const tail = shared.filter((event) => event.kind === 'usage');
  const queues = new Map<number, AnswerEvent[]>();
  for (const event of events) {
    if (event.kind === 'carry' || !('answer' in event)) continue;
    queues.set(event.answer, [...(queues.get(event.answer) ?? []), event]);
  }
  const mixed: AnswerEvent[] = [];
  while (queues.size > 0) {
    const keys = [...queues.keys()];
    const key = keys[next(dice) % keys.length] ?? 0;
    const queue = queues.get(key) ?? [];
    const first = queue.shift();
    if (first === undefined) queues.delete(key);
    else mixed.push(first);
  }
  return [...head, ...mixed, ...tail];
}
