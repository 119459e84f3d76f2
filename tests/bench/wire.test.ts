import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Question } from '../../bench/gateway/load-messages.ts';
import { AnswerReader } from '../../bench/gateway/wire/answer-reader.ts';
import { answerText, smallFrames } from '../../bench/gateway/wire/answer-text.ts';
import { frames, smallStream, smallWhole, streamEnd, streamHead } from '../../bench/gateway/wire/host-answers.ts';
import { countFrames, judgeAnswer } from '../../bench/gateway/wire/judge-answer.ts';
import { requestBytes } from '../../bench/gateway/wire/request-bytes.ts';
import { RequestReader, type ReadRequest } from '../../bench/gateway/wire/request-reader.ts';
import { readScenario } from '../../bench/gateway/wire/scenario.ts';

const chat: Question = { form: 'chat', model: 'small', isStreamed: false, promptBytes: 200, words: smallFrames };
const streamed: Question = { ...chat, isStreamed: true };
const target = { host: '127.0.0.1', port: 80, path: '/small/v1/chat/completions', headers: { authorization: 'Bearer x' } };

/** Cuts bytes into pieces of these sizes, in turns. */
function pieces(bytes: Buffer, sizes: readonly number[]): readonly Buffer[] {
  const cut: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    cut.push(bytes.subarray(at, at + size));
    at += size;
  }
  return cut;
}

const sizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 });

function bodiesOf(parts: readonly Buffer[]): readonly { readonly status: number; readonly body: Buffer }[] {
  const read: { status: number; body: Buffer }[] = [];
  let status = 0;
  let body: Buffer[] = [];
  const reader = new AnswerReader({
    onStatus: (told) => (status = told),
    onBody: (bytes) => body.push(bytes),
    onEnd: () => {
      read.push({ status, body: Buffer.concat(body) });
      body = [];
    },
  });
  for (const part of parts) reader.read(part);
  return read;
}

test("the host's answers are read the same, however the bytes are cut", () => {
  const wire = Buffer.concat([smallWhole, smallStream, smallWhole, Buffer.concat([streamHead, ...frames(40), streamEnd(40)])]);
  const whole = bodiesOf([wire]);
  expect(whole.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(judgeAnswer(chat, whole[0]?.body.toString() ?? '')).toBeUndefined();
  expect(judgeAnswer(streamed, whole[1]?.body.toString() ?? '')).toBeUndefined();
  expect(judgeAnswer({ ...streamed, words: 40 }, whole[3]?.body.toString() ?? '')).toBeUndefined();
  fc.assert(
    fc.property(sizes, (each) => {
      expect(bodiesOf(pieces(wire, each))).toEqual(whole);
    }),
  );
});

test.each([
  ['an answer without a length', 'HTTP/1.1 200 OK\r\n\r\n', 'neither a length nor chunks'],
  ['something else than HTTP', 'SSH-2.0\r\n\r\n', 'No head of HTTP/1.1'],
  ['a chunk without a size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n', 'No size of a chunk'],
  [
    'a chunk that is longer than it said',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nabc\r\n',
    'longer than it said',
  ],
])('%s is no answer', (_, text, complaint) => {
  expect(() => bodiesOf([Buffer.from(text)])).toThrow(complaint);
});

describe('judgeAnswer', () => {
  const [, stream] = bodiesOf([Buffer.concat([smallWhole, smallStream])]);
  const text = stream?.body.toString() ?? '';

  test('misses a word, the end, and an order', () => {
    const lines = text.split('\n\n');
    expect(judgeAnswer(streamed, lines.toSpliced(3, 1).join('\n\n'))).toMatch('letters instead of');
    expect(judgeAnswer(streamed, text.replace('data: [DONE]\n\n', ''))).toMatch('said 0 letters');
    expect(
      judgeAnswer(
        streamed,
        lines
          .with(2, lines[3] ?? '')
          .with(3, lines[2] ?? '')
          .join('\n\n'),
      ),
    ).toBeDefined();
  });

  test('frames are counted as they stand, the three after the words included', () => {
    expect(countFrames(stream?.body ?? Buffer.alloc(0))).toBe(smallFrames + 3);
  });

  test('a stream of Messages is right with the same text and its own end', () => {
    const delta = { type: 'content_block_delta', delta: { type: 'text_delta', text: answerText(smallFrames) } };
    const events = [{ type: 'message_start' }, delta, { type: 'message_stop' }];
    const body = (of: readonly object[]): string => of.map((event) => `event: x\ndata: ${JSON.stringify(event)}\n\n`).join('');
    expect(judgeAnswer({ ...streamed, form: 'messages' }, body(events))).toBeUndefined();
    expect(judgeAnswer({ ...streamed, form: 'messages' }, body(events.slice(0, -1)))).toBeDefined();
  });
});

describe('requests', () => {
  function requestsOf(parts: readonly Buffer[]): readonly ReadRequest[] {
    const read: ReadRequest[] = [];
    const reader = new RequestReader((request) => read.push(request));
    for (const part of parts) reader.read(part);
    return read;
  }

  test('are read the same, however the bytes are cut, with their way of answering', () => {
    const large = { ...streamed, promptBytes: 20_000 };
    const wire = Buffer.concat([chat, streamed, large, chat].map((question) => requestBytes(target, question)));
    const read = requestsOf([wire]);
    expect(read.map(({ isStreamed }) => isStreamed)).toEqual([false, true, true, false]);
    expect(read.every(({ path }) => path === target.path)).toBe(true);
    fc.assert(
      fc.property(sizes, (each) => {
        expect(requestsOf(pieces(wire, each))).toEqual(read);
      }),
    );
  });

  test.each([200, 100_000, 4_000_000])('have a prompt of about %d bytes, and the last turn is the caller’s', (promptBytes) => {
    const [, body = ''] = requestBytes(target, { ...chat, promptBytes })
      .toString()
      .split('\r\n\r\n');
    const { messages } = JSON.parse(body);
    expect(messages.at(-1).role).toBe('user');
    const bytes = messages.reduce((sum: number, { content }: { content: string }) => sum + content.length, 0);
    expect(bytes / promptBytes).toBeGreaterThan(0.9);
    expect(bytes / promptBytes).toBeLessThan(1.1);
  });
});

test.each([
  ['small', { kind: 'small' }],
  ['each-2000', { kind: 'flow', frames: 2_000, framesPerWrite: 1 }],
  ['burst-64', { kind: 'flow', frames: 64, framesPerWrite: 32 }],
  ['paced-40-20', { kind: 'paced', frames: 40, everyMs: 20 }],
  ['idle-7', { kind: 'idle' }],
  ['v1', undefined],
])('the word %s says how to answer', (word, scenario) => {
  expect(readScenario(word)).toEqual(scenario);
});
