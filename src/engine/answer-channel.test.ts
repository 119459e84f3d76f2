import { expect, test } from 'vitest';
import type { AnswerEvent } from '../model/event.ts';
import { FlashmuxError } from '../model/fault.ts';
import { AnswerChannel } from './answer-channel.ts';
import { windowMessages } from './wire.ts';

const event: AnswerEvent = { kind: 'answer-start' };

test('what came before the reader asked comes at once, what comes later wakes it', async () => {
  const channel = new AnswerChannel(() => undefined);
  channel.push([event]);
  channel.push([event, event]);
  expect(await channel.take()).toHaveLength(3);
  const waiting = channel.take();
  channel.push([event]);
  expect(await waiting).toHaveLength(1);
});

test('events that came before the end are still read, then the fault is thrown', async () => {
  const channel = new AnswerChannel(() => undefined);
  channel.push([event]);
  channel.end(new FlashmuxError('engine_crashed', 'gone'));
  channel.end();
  expect(await channel.take()).toHaveLength(1);
  await expect(channel.take()).rejects.toMatchObject({ code: 'engine_crashed' });
});

test('messages are reported as taken before a window is full, each once', async () => {
  let reported = 0;
  const channel = new AnswerChannel((messages) => (reported += messages));
  for (let message = 1; message <= 1000; message++) {
    channel.push([event]);
    await channel.take();
    expect(message - reported).toBeLessThan(windowMessages);
  }
  expect(reported).toBeGreaterThan(1000 - windowMessages);
});

test('nothing is reported for a reader that does not read', () => {
  const channel = new AnswerChannel(() => {
    throw new Error('reported');
  });
  for (let message = 0; message < 1000; message++) channel.push([event]);
  expect(channel.ended).toBe(false);
});
