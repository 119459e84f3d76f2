import { afterEach, describe, expect, test } from 'vitest';
import { fold } from '../../model/fold.ts';
import type { Behaviour } from '../../net/local-server.test-support.ts';
import { attemptOf, requestOf } from '../attempt.test-support.ts';
import { hostRig, json, outcomeOf, streaming, wordsOf, type Outcome } from './host-rig.test-support.ts';
import { wires, type Wire } from './wires.test-support.ts';

// What hosts were seen to do, in every wire language over a real socket: each has one outcome, and none is a hang or the same words twice.

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function ask(wire: Wire, behave: Behaviour): Promise<Outcome> {
  const rig = await hostRig(wire.create, behave);
  cleanups.push(() => rig.close());
  return outcomeOf(rig.provider.run(attemptOf(requestOf('hi')), new AbortController().signal));
}

/** Asserts that the answer is "Hello", said once and ended once. */
function expectHello({ events, fault }: Outcome): void {
  expect(fault).toBeUndefined();
  expect(wordsOf(events)).toBe('Hello');
  for (const kind of ['answer-start', 'part-start', 'part-end', 'answer-end'])
    expect(events.filter((event) => event.kind === kind).map(({ kind: each }) => each)).toEqual([kind]);
  expect(fold(events).choices[0]?.reason).toBe('stop');
}

function expectFailure({ events, fault }: Outcome, words: string): void {
  expect(fault).toMatchObject({ code: 'upstream_failed', upstream: { provider: 'host' } });
  expect(wordsOf(events)).toBe(words);
  expect(events.some(({ kind }) => kind === 'answer-end')).toBe(false);
}

const told = { input: { total: 3 }, output: { total: 2 } };

describe.each(wires)('$name', (wire) => {
  const { begin, word, finish, end, usage } = wire;
  const hello = [begin(3), word('Hel'), word('lo'), finish(2), ...end(3, 2)];

  test('an ordinary answer is read once, with its usage', async () => {
    const outcome = await ask(wire, streaming(hello));
    expectHello(outcome);
    expect(fold(outcome.events).usage).toMatchObject(told);
  });

  test('the same, with every byte alone', async () => {
    const bytes = Array.from(Buffer.from(hello.join('')), (byte) => Uint8Array.of(byte));
    const outcome = await ask(wire, streaming(bytes));
    expectHello(outcome);
    expect(fold(outcome.events).usage).toMatchObject(told);
  });

  test('usage that is told again and again replaces what was told before', async () => {
    const growing = [begin(3), word('Hel'), ...usage(3, 1), word('lo'), ...usage(3, 2), finish(2), ...end(3, 2)];
    const outcome = await ask(wire, streaming(growing));
    expectHello(outcome);
    expect(fold(outcome.events).usage).toMatchObject(told);
  });

  test('usage that was left out is none, not zero', async () => {
    const outcome = await ask(wire, streaming([begin(), word('Hel'), word('lo'), finish(), ...end()]));
    expectHello(outcome);
    expect(fold(outcome.events).usage).toBeUndefined();
  });

  test('an answer that is ended twice ends once', async () => {
    expectHello(await ask(wire, streaming([begin(3), word('Hello'), finish(2), finish(2), ...end(3, 2), ...end(3, 2)])));
  });

  test('what comes after the end belongs to nobody', async () => {
    expectHello(await ask(wire, streaming([...hello, word(' again'), 'data: {"broken\n\n', finish(9), ...end(9, 9)])));
    expectHello(await ask(wire, streaming([[...hello, word(' again'), 'data: {"broken\n\n'].join('')])));
  });

  test('a host that keeps the connection open after the end has answered', async () => {
    expectHello(
      await ask(wire, (reply) => void reply.writeHead(200, { 'content-type': 'text/event-stream' }).write(hello.join(''))),
    );
  });

  test.each([
    ['no names', (text: string) => text.replaceAll(/^event: .*\n/gm, '')],
    [
      'one name for all',
      (text: string) => text.replaceAll(/^event: .*\n/gm, '').replaceAll(/^data: /gm, 'event: message\ndata: '),
    ],
  ])('the same where events have %s', async (_, form) => {
    const stays = form(hello.join(''));
    expectHello(await ask(wire, (reply) => void reply.writeHead(200, { 'content-type': 'text/event-stream' }).write(stays)));
  });

  test('a stream that stops before the end failed, after what it said', async () => {
    expectFailure(await ask(wire, streaming([begin(3), word('Hel')])), 'Hel');
    expectFailure(await ask(wire, streaming([begin(3), word('Hel'), 'data: {"ty'])), 'Hel');
  });

  test('a stream that says it is over without a reason failed', async () => {
    expectFailure(await ask(wire, streaming([begin(3), word('Hello'), ...wire.bareEnd])), 'Hello');
  });

  test('a stream without a word failed', async () => {
    const nothing = await ask(wire, streaming([]));
    expectFailure(nothing, '');
    expect(nothing.events).toEqual([]);
    expectFailure(await ask(wire, streaming([': wait\n\n'])), '');
  });

  test('a connection that breaks failed, after what it said', async () => {
    const outcome = await ask(wire, (reply) => {
      reply.writeHead(200, { 'content-type': 'text/event-stream' }).write(begin(3) + word('Hel'));
      setTimeout(() => reply.destroy(), 20);
    });
    expectFailure(outcome, 'Hel');
  });

  test('an event that is no JSON is a failure, after what was said', async () => {
    expectFailure(await ask(wire, streaming([begin(3), word('Hel'), 'data: {"choices": [\n\n', word('lo')])), 'Hel');
  });

  test('an error in the stream is a failure, after what was said, in the same chunk too', async () => {
    const outcome = await ask(wire, streaming([begin(3) + word('Hel') + wire.error('boom')]));
    expectFailure(outcome, 'Hel');
    expect(outcome.fault?.message).toBe('boom');
  });

  test('lines that are no fields, comments, empty events and events that nobody knows are passed over', async () => {
    const noise = 'garbage\n: comment\nid: 7\nretry: 1\nfoo: bar\n\ndata:\n\nevent: x\n\n';
    const unknown = `event: x.future\ndata: ${JSON.stringify({ type: 'x.future', index: 0, output_index: 0 })}\n\n`;
    expectHello(
      await ask(wire, streaming([noise, begin(3), unknown, word('Hel'), noise, word('lo'), finish(2), unknown, ...end(3, 2)])),
    );
  });

  test.each([
    ['\r\n', (text: string) => text.replaceAll('\n', '\r\n')],
    ['\r', (text: string) => text.replaceAll('\n', '\r')],
    ['a byte order mark', (text: string) => `\u{feff}${text}`],
    ['no space behind the colon', (text: string) => text.replaceAll('data: ', 'data:').replaceAll('event: ', 'event:')],
  ])('lines with %j are lines', async (_, form) => {
    expectHello(await ask(wire, streaming([form(hello.join(''))])));
  });

  test('one huge chunk is read as one', async () => {
    const words = 'x'.repeat(2_000_000);
    const { events, fault } = await ask(wire, streaming([[begin(3), word(words), finish(2), ...end(3, 2)].join('')]));
    expect(fault).toBeUndefined();
    expect(wordsOf(events)).toHaveLength(words.length);
  });

  test('an event beyond all measure is a failure, after what was said', async () => {
    const endless = `data: ${'x'.repeat(9 * 1024 * 1024)}`;
    expectFailure(await ask(wire, streaming([begin(3), word('Hel'), endless])), 'Hel');
  });

  test('a whole answer is read though a stream was asked for', async () => {
    const outcome = await ask(wire, (reply) => void reply.writeHead(200, json).end(JSON.stringify(wire.whole('Hello', 3, 2))));
    expectHello(outcome);
    expect(fold(outcome.events).usage).toMatchObject(told);
  });

  test.each([
    ['text/html', () => '<html>login</html>'],
    ['application/json', () => hello.join('')],
    ['application/json', () => JSON.stringify(wire.whole('Hello', 3, 2)).slice(0, -5)],
    ['application/json', () => '{"hello":"world"}'],
    ['application/json', () => '[]'],
    ['application/json', () => 'null'],
    ['application/json', () => ''],
    ['text/event-stream', () => JSON.stringify(wire.whole('Hello', 3, 2))],
  ])('a 200 of %s that is no answer of this language is a failure without a word', async (type, body) => {
    const outcome = await ask(wire, (reply) => void reply.writeHead(200, { 'content-type': type }).end(body()));
    expectFailure(outcome, '');
    expect(outcome.events).toEqual([]);
  });

  test('a stream without a content type is read as one', async () => {
    expectHello(await ask(wire, (reply) => void reply.writeHead(200).end(hello.join(''))));
  });
});
