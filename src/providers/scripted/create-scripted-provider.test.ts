import { describe, expect, it } from 'vitest';
import type { Answer } from '../../model/answer.ts';
import type { AnswerEvent } from '../../model/event.ts';
import { FlashmuxError } from '../../model/fault.ts';
import { fold } from '../../model/fold.ts';
import type { Part } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { collect, foldStream } from '../../model/stream.ts';
import { attemptOf, requestOf } from '../attempt.test-support.ts';
import { scriptedBehaviours } from './behaviours.ts';
import { createScriptedProvider } from './create-scripted-provider.ts';

const never = new AbortController().signal;

/** Waits are told, not waited. */
function host(waits: number[] = []): (name: string, more?: Partial<GenerateRequest>) => Promise<AnswerEvent[]> {
  const provider = createScriptedProvider({
    wait: async (ms) => {
      waits.push(ms);
    },
  });
  return (name, more) => collect(provider.run(attemptOf(requestOf('one two three', { ...more, model: name })), never));
}

async function answerOf(name: string, more?: Partial<GenerateRequest>): Promise<Answer> {
  return fold(await host()(name, more));
}

async function partsOf(name: string, more?: Partial<GenerateRequest>): Promise<readonly Part[]> {
  return (await answerOf(name, more)).choices[0]?.parts ?? [];
}

/** What was said until the fault, and the fault. */
async function breaking(name: string): Promise<{ answer: Answer; fault: unknown }> {
  const events: AnswerEvent[] = [];
  try {
    for await (const batch of createScriptedProvider().run(attemptOf(requestOf('hi', { model: name })), never))
      events.push(...batch);
  } catch (fault) {
    return { answer: fold(events), fault };
  }
  throw new Error('expected a fault');
}

const failing = ['cut-mid-part', 'cut-mid-tool-call', 'error-mid-stream', '429', '500', '429-then-ok', '500-then-ok'];
const endless = ['stall'];

describe('every behaviour', () => {
  const whole = scriptedBehaviours.map(({ name }) => name).filter((name) => ![...failing, ...endless].includes(name));

  it('has a name of its own and a line about it', () => {
    expect(new Set(scriptedBehaviours.map(({ name }) => name)).size).toBe(scriptedBehaviours.length);
    for (const { about } of scriptedBehaviours) expect(about.length).toBeGreaterThan(5);
  });

  it.each(whole)('%s starts once, opens and closes each part once and in order, and ends every answer', async (name) => {
    const events = await host()(name);
    expect(events[0]?.kind).toBe('answer-start');
    expect(events.filter(({ kind }) => kind === 'answer-start')).toHaveLength(1);
    const openParts = new Set<string>();
    const seenParts = new Set<string>();
    for (const event of events) {
      if (event.kind === 'part-start') {
        expect(seenParts).not.toContain(`${event.answer}.${event.index}`);
        expect(seenParts.has(`${event.answer}.${event.index - 1}`) || event.index === 0).toBe(true);
        seenParts.add(`${event.answer}.${event.index}`);
        openParts.add(`${event.answer}.${event.index}`);
      } else if (event.kind === 'part-delta') expect(openParts).toContain(`${event.answer}.${event.index}`);
      else if (event.kind === 'part-end') expect(openParts.delete(`${event.answer}.${event.index}`)).toBe(true);
      else if (event.kind === 'answer-end') expect(openParts).not.toContain(`${event.answer}.0`);
    }
    expect(openParts.size).toBe(0);
    for (const choice of fold(events).choices) expect(choice.reason).toBeDefined();
  });

  it.each(whole)('%s is the same with the prefix scripted/', async (name) => {
    expect(await host()(`scripted/${name}`)).toEqual(await host()(name));
  });
});

describe('answers', () => {
  it('hello greets and tells its usage: words of the request, words of the answer', async () => {
    const answer = await answerOf('hello');
    expect(answer.choices[0]).toMatchObject({ reason: 'stop', parts: [{ kind: 'text', text: 'Hello from the script.' }] });
    expect(answer.usage).toMatchObject({ input: { total: 3 }, output: { total: 4 } });
  });

  it('echo repeats the last user text', async () => {
    expect(await partsOf('echo')).toEqual([{ kind: 'text', text: 'one two three' }]);
  });

  it('empty says nothing and used nothing', async () => {
    const answer = await answerOf('empty');
    expect(answer.choices).toEqual([{ parts: [], reason: 'stop' }]);
    expect(answer.usage?.output.total).toBe(0);
  });

  it('long-<n> says n words', async () => {
    expect((await answerOf('long-250')).usage?.output.total).toBe(250);
    const events = await host()('long-7');
    expect(events.filter(({ kind }) => kind === 'part-delta')).toHaveLength(7);
  });

  it('no-usage has none', async () => {
    expect((await answerOf('no-usage')).usage).toBeUndefined();
  });

  it('usage-twice and usage-growing end with the usage of hello', async () => {
    const expected = (await answerOf('hello')).usage;
    for (const [name, times] of [
      ['usage-twice', 2],
      ['usage-growing', 4],
    ] as const) {
      const events = await host()(name);
      expect(events.filter(({ kind }) => kind === 'usage')).toHaveLength(times);
      expect(fold(events).usage).toEqual(expected);
    }
  });

  it('thinking comes before the text, thinking-after-text between two', async () => {
    expect((await partsOf('thinking')).map(({ kind }) => kind)).toEqual(['reasoning', 'text']);
    expect((await partsOf('thinking-after-text')).map(({ kind }) => kind)).toEqual(['text', 'reasoning', 'text']);
    const { usage } = await answerOf('thinking');
    expect(usage?.output.reasoning).toBeLessThan(usage?.output.total ?? 0);
  });

  it('refusal declines in the part for it', async () => {
    expect(await partsOf('refusal')).toMatchObject([{ kind: 'refusal' }]);
  });

  it('logprobs has one figure for each token and as many alternatives as asked for', async () => {
    const [part] = await partsOf('logprobs', { logprobs: { wanted: true, top: 2 } });
    const logprobs = part?.kind === 'text' ? (part.logprobs ?? []) : [];
    expect(logprobs.map(({ token }) => token).join('')).toBe('Hello from the script.');
    expect(logprobs.every(({ top, logprob }) => top.length === 2 && logprob < 0)).toBe(true);
  });

  it('n gives as many answers as asked for, interleaved', async () => {
    expect((await answerOf('n', { answers: 3 })).choices).toHaveLength(3);
    expect((await answerOf('n')).choices).toHaveLength(2);
    const deltas = (await host()('n')).filter((event) => event.kind === 'part-delta');
    expect(deltas.slice(0, 4).map(({ answer }) => answer)).toEqual([0, 1, 0, 1]);
  });

  it('citations stand where the text marks them', async () => {
    const [part] = await partsOf('citations');
    if (part?.kind !== 'text') throw new Error('expected text');
    const marks = part.citations?.map(({ startIndex, endIndex }) => part.text.slice(startIndex, endIndex));
    expect(marks).toEqual(['[1]', '[2]']);
  });

  it('audio is a second of 24 kHz PCM whose base64 pieces make one', async () => {
    const [part] = await partsOf('audio');
    if (part?.kind !== 'media' || part.source.kind !== 'bytes') throw new Error('expected bytes');
    expect(Buffer.from(part.source.base64, 'base64')).toHaveLength(48_000);
    expect(part.transcript).toBe('This is silence.');
  });
});

describe('tool calls', () => {
  const tools = [
    { kind: 'function', name: 'weather' },
    { kind: 'function', name: 'time' },
  ] as const;

  it('name the tools of the request and have arguments that are JSON', async () => {
    const calls = await partsOf('parallel-tools', { tools });
    expect(calls).toMatchObject([
      { kind: 'tool-call', name: 'weather', callId: 'call_scripted_0', argumentsText: '{"place": "Paris"}' },
      { kind: 'tool-call', name: 'time', callId: 'call_scripted_1', argumentsText: '{"place": "Hangzhou"}' },
    ]);
    expect((await answerOf('tools', { tools })).choices[0]).toMatchObject({ reason: 'tool-calls', parts: [{ name: 'weather' }] });
  });

  it('bad-arguments are no JSON, and the call is complete', async () => {
    const [call] = await partsOf('bad-arguments');
    if (call?.kind !== 'tool-call') throw new Error('expected a call');
    expect(() => JSON.parse(call.argumentsText)).toThrow(SyntaxError);
  });

  it('end once the request holds a result', async () => {
    const result = { kind: 'tool-result', callId: 'c', parts: [{ kind: 'text', text: 'sunny' }] } as const;
    expect(await partsOf('tools', { turns: [{ role: 'tool', parts: [result] }] })).toEqual([
      { kind: 'text', text: 'The tool said: sunny' },
    ]);
  });
});

describe('failures', () => {
  it.each([
    ['cut-mid-part', 'upstream_failed', [{ kind: 'text', text: 'Hello fr' }]],
    ['error-mid-stream', 'overloaded', [{ kind: 'text', text: 'Hello ' }]],
    ['cut-mid-tool-call', 'upstream_failed', [{ kind: 'tool-call', argumentsText: '{"place": "Paris' }]],
  ])('%s is %s after what was said', async (name, code, parts) => {
    const { answer, fault } = await breaking(name);
    expect(fault).toMatchObject({ code });
    expect(answer.choices[0]).toMatchObject({ parts });
    expect(answer.choices[0]?.reason).toBeUndefined();
  });

  it.each([
    ['429', 'rate_limited', 1],
    ['500', 'upstream_failed', undefined],
  ])('%s is %s before a word', async (name, code, retryAfterSeconds) => {
    const { answer, fault } = await breaking(name);
    expect(fault).toMatchObject({ code, retryAfterSeconds });
    expect(answer.choices).toEqual([]);
  });

  it.each(['429-then-ok', '500-then-ok'])('%s fails each conversation once', async (name) => {
    const provider = createScriptedProvider();
    const run = (text: string): Promise<Answer> => foldStream(provider.run(attemptOf(requestOf(text, { model: name })), never));
    await expect(run('a')).rejects.toSatisfy(FlashmuxError.is);
    await expect(run('b')).rejects.toSatisfy(FlashmuxError.is);
    expect((await run('a')).choices[0]?.reason).toBe('stop');
    expect((await run('b')).choices[0]?.reason).toBe('stop');
    await expect(run('a')).rejects.toSatisfy(FlashmuxError.is);
  });

  it.each(['nonsense', 'toString', '__proto__', 'long-', 'long-1e9', ''])(
    '%j is an unknown model, and the list is told',
    async (name) => {
      await expect(host()(name)).rejects.toMatchObject({
        code: 'unknown_model',
        param: 'model',
        message: expect.stringContaining('cut-mid-part'),
      });
    },
  );
});

describe('waiting', () => {
  it('slow-first-token waits before the first event, slow-tokens before each', async () => {
    const first: number[] = [];
    await host(first)('slow-first-token');
    expect(first).toEqual([2_000]);
    const each: number[] = [];
    const events = await host(each)('slow-tokens');
    expect(each).toHaveLength(events.length);
  });

  it.each(['slow-first-token', 'slow-tokens', 'stall'])('%s stops at once when the signal fires', async (name) => {
    const controller = new AbortController();
    const running = collect(createScriptedProvider().run(attemptOf(requestOf('hi', { model: name })), controller.signal));
    setTimeout(() => controller.abort(), 10);
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('stall meets the deadlines of the attempt', async () => {
    const attempt = attemptOf(requestOf('hi', { model: 'stall' }), { idleMs: 20 });
    await expect(collect(createScriptedProvider().run(attempt, never))).rejects.toMatchObject({ code: 'upstream_timeout' });
  });

  it('a signal that fired before gets no answer', async () => {
    const running = collect(createScriptedProvider().run(attemptOf(requestOf('hi', { model: 'hello' })), AbortSignal.abort()));
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
  });
});
