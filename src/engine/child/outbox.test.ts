import { expect, test } from 'vitest';
import type { AnswerEvent } from '../../model/event.ts';
import { windowMessages, type ChildMessage } from '../wire.ts';
import { Outbox } from './outbox.ts';

const never = new AbortController().signal;

/** An outbox on a clock of its own, which runs so fast that no two messages are held together. */
function outboxFor(sent: ChildMessage[]): Outbox {
  let now = 0;
  return new Outbox(1, (message) => sent.push(message), { now: () => 0, ticks: () => (now += 1000) });
}

function delta(text: string, index = 0): AnswerEvent {
  return { kind: 'part-delta', answer: 0, index, delta: { kind: 'text', text } };
}

async function sentCount(sent: readonly ChildMessage[], count: number): Promise<void> {
  while (sent.length < count) await new Promise((resolve) => setTimeout(resolve, 1));
}

test('pieces of one part that wait together become one, those of others stay apart', () => {
  const sent: ChildMessage[] = [];
  const outbox = outboxFor(sent);
  outbox.emit([delta('a'), delta('b'), delta('c', 1)]);
  outbox.emit([delta('d', 1)]);
  outbox.finish();
  expect(sent).toEqual([{ kind: 'events', id: 1, events: [delta('ab'), delta('cd', 1)] }]);
});

test('log probabilities of joined pieces stay in order', () => {
  const logprob = (token: string) => ({ token, logprob: -1, bytes: null, top: [] });
  const scored = (text: string): AnswerEvent => ({
    kind: 'part-delta',
    answer: 0,
    index: 0,
    delta: { kind: 'text', text, logprobs: [logprob(text)] },
  });
  const sent: ChildMessage[] = [];
  const outbox = outboxFor(sent);
  outbox.emit([scored('a'), scored('b')]);
  outbox.finish();
  expect(sent).toMatchObject([{ events: [{ delta: { text: 'ab', logprobs: [{ token: 'a' }, { token: 'b' }] } }] }]);
});

test('a reader that takes nothing stops the flow after a window, and starts it again by taking', async () => {
  const sent: ChildMessage[] = [];
  const outbox = outboxFor(sent);
  for (let message = 1; message <= windowMessages; message++) {
    outbox.emit([delta('x')]);
    await sentCount(sent, message);
  }
  expect(outbox.hasRoom).toBe(false);
  outbox.emit([delta('kept back')]);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(sent).toHaveLength(windowMessages);
  const room = outbox.room(never);
  outbox.taken(1);
  await room;
  await sentCount(sent, windowMessages + 1);
  expect(sent.at(-1)).toMatchObject({ events: [delta('kept back')] });
});

test('an abort ends the wait for room', async () => {
  const sent: ChildMessage[] = [];
  const outbox = outboxFor(sent);
  for (let message = 1; message <= windowMessages; message++) {
    outbox.emit([delta('x')]);
    await sentCount(sent, message);
  }
  const abort = new AbortController();
  const room = outbox.room(abort.signal);
  abort.abort();
  await room;
  expect(outbox.hasRoom).toBe(false);
});
