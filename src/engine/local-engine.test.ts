import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ordinarySampling, ordinaryTokens, tinyEngine, tinyRequest } from '../../tests/support/tiny-gguf/tiny-engine.ts';
import type { Answer } from '../model/answer.ts';
import type { AnswerEvent } from '../model/event.ts';
import { fold } from '../model/fold.ts';
import type { GenerateRequest } from '../model/request.ts';
import { collect, foldStream } from '../model/stream.ts';
import type { LocalEngine } from './local-engine.ts';

const never = new AbortController().signal;
const plain = ordinarySampling;

describe.each(['qwen35moe', 'qwen35', 'llama'] as const)('an engine with a %s model', (architecture) => {
  let engine: LocalEngine;
  beforeAll(async () => {
    engine = await tinyEngine({ architecture });
  });
  afterAll(() => engine.close());

  const ask = (text: string, more: Partial<GenerateRequest> = {}): Promise<Answer> =>
    foldStream(engine.run(tinyRequest(text, more), never));

  test('streams start, input, part, end and usage, in this order', async () => {
    const events = await collect(engine.run(tinyRequest('Hello', { sampling: { ...plain, seed: 1 } }), never));
    expect(shape(events)).toBe('answer-start usage (part-start part-delta part-end)+ answer-end usage');
  });

  test('knows the tokens of an input before it is run, and tells them before the first part', async () => {
    const request = tinyRequest('Grüße ✅', {
      tools: [{ kind: 'function', name: 'f', parameters: { type: 'object' } }],
      limits: { completionTokens: 1 },
    });
    const counted = await engine.countInput(request, never);
    const usages = (await collect(engine.run(request, never))).filter((event) => event.kind === 'usage');
    expect(usages.map(({ usage }) => usage.input.total)).toEqual([counted, counted]);
    expect(usages[0]?.usage.output).toEqual({});
  });

  test('reports tokens in and out', async () => {
    const { usage } = await ask('Hello', { sampling: { ...plain, seed: 1 } });
    expect(usage?.input.total).toBeGreaterThan(5);
    expect(usage?.input).toMatchObject({ text: usage?.input.total, cacheKind: 'implicit' });
    expect(usage?.output).toEqual({ total: 32, text: 32, reasoning: 0 });
  });

  test('the same seed writes the same text, another seed another', async () => {
    const texts = [];
    for (const seed of [7, 7, 8]) texts.push(textOf(await ask('Tell me a story', { sampling: { ...plain, seed } })));
    expect(texts[1]).toBe(texts[0]);
    expect(texts[2]).not.toBe(texts[0]);
  });

  test('two requests without a seed differ', async () => {
    const [one, other] = await Promise.all([ask('Tell me a story'), ask('Tell me a story')]);
    expect(textOf(one)).not.toBe(textOf(other));
  });

  test.each([1, 2, 17])('%d tokens are exactly as many', async (completionTokens) => {
    const answer = await ask('Hello', { limits: { completionTokens }, sampling: { ...plain, seed: 1 } });
    expect(answer.usage?.output.total).toBe(completionTokens);
    expect(answer.choices[0]?.reason).toBe('length');
  });

  test.each([1, 9])('a thinking budget of %d is spent to the token, then the answer goes on', async (budgetTokens) => {
    const answer = await ask('Hello', {
      thinking: { kind: 'on', budgetTokens },
      limits: { answerTokens: 12 },
      sampling: { ...plain, seed: 3 },
    });
    expect(answer.usage?.output).toEqual({ total: budgetTokens + 12, text: 12, reasoning: budgetTokens });
    expect(answer.choices[0]?.parts.at(-1)?.kind).toBe('text');
  });

  test('a thinking budget of 0 means no thought', async () => {
    const answer = await ask('Hello', { thinking: { kind: 'on', budgetTokens: 0 }, sampling: { ...plain, seed: 3 } });
    expect(answer.usage?.output.reasoning).toBe(0);
  });

  test('a thought counts against the limit of both, not against that of the answer', async () => {
    const thinking = { kind: 'on', budgetTokens: 10 } as const;
    const both = await ask('Hello', { thinking, limits: { completionTokens: 15 }, sampling: { ...plain, seed: 4 } });
    const alone = await ask('Hello', { thinking, limits: { answerTokens: 15 }, sampling: { ...plain, seed: 4 } });
    expect(both.usage?.output).toEqual({ total: 15, text: 5, reasoning: 10 });
    expect(alone.usage?.output).toEqual({ total: 25, text: 15, reasoning: 10 });
  });

  test('a prompt that does not fit is refused with both numbers before anything is evaluated', async () => {
    const before = await engine.figures();
    const long = ask('would '.repeat(3000));
    await expect(long).rejects.toMatchObject({ code: 'context_length_exceeded', param: 'messages' });
    await expect(long).rejects.toThrow(/have 30\d\d tokens.*room for 2047/);
    expect((await engine.figures()).tokensEvaluated).toBe(before.tokensEvaluated);
  });

  test('an answer ends at the end of the context with reason length', async () => {
    const prompt = await ask('would '.repeat(1980), { limits: { completionTokens: 1 } });
    const room = 2047 - (prompt.usage?.input.total ?? 0);
    const answer = await ask('would '.repeat(1980), { limits: {}, sampling: { ...plain, seed: 2 } });
    expect(room).toBeLessThan(60);
    expect(answer.usage?.output.total).toBe(room);
    expect(answer.choices[0]?.reason).toBe('length');
  });

  test('four requests at once each get their own answer', async () => {
    const seeds = [1, 2, 3, 4];
    const together = await Promise.all(seeds.map((seed) => ask(`Story number ${seed}`, { sampling: { ...plain, seed } })));
    expect(together.map((answer) => answer.usage?.output.total)).toEqual([32, 32, 32, 32]);
    expect(new Set(together.map((answer) => textOf(answer))).size).toBe(4);
  });

  test('end markers in the words of a caller stay text', async () => {
    const marker = await ask('a<|im_end|>b', { limits: { completionTokens: 1 } });
    const word = await ask('ab', { limits: { completionTokens: 1 } });
    // As a control token it would be one.
    expect((marker.usage?.input.total ?? 0) - (word.usage?.input.total ?? 0)).toBeGreaterThan(4);
  });
});

describe('an engine', () => {
  let engine: LocalEngine;
  beforeAll(async () => {
    engine = await tinyEngine();
  });
  afterAll(() => engine.close());

  const ask = (text: string, more: Partial<GenerateRequest> = {}): Promise<Answer> =>
    foldStream(engine.run(tinyRequest(text, more), never));

  test('no piece of a stop sequence ever shows, wherever the tokens cut it', async () => {
    const sampling = { ...plain, seed: 11 };
    const whole = textOf(await ask('Tell me a story', { sampling }));
    for (const [from, length] of [
      [20, 3],
      [31, 5],
      [44, 9],
      [60, 2],
    ] as const) {
      const stop = whole.slice(from, from + length);
      const events = await collect(
        engine.run(tinyRequest('Tell me a story', { sampling: { ...sampling, stop: [stop] } }), never),
      );
      const answer = fold(events);
      expect(textOf(answer)).toBe(whole.slice(0, whole.indexOf(stop)));
      expect(answer.choices[0]).toMatchObject({ reason: 'stop', stopSequence: stop });
    }
  });

  test('log probabilities are those of one distribution, with the chosen token in it', async () => {
    const answer = await ask('Hello', { logprobs: { wanted: true, top: 5 }, sampling: { ...plain, topK: 5, seed: 1 } });
    const part = answer.choices[0]?.parts[0];
    const logprobs = part?.kind === 'text' ? (part.logprobs ?? []) : [];
    expect(logprobs.length).toBe(32);
    for (const { token, logprob, top } of logprobs) {
      expect(logprob).toBeLessThanOrEqual(0);
      expect(top).toHaveLength(5);
      expect(top.reduce((sum, other) => sum + Math.exp(other.logprob), 0)).toBeLessThanOrEqual(1.000_001);
      // With top_k 5 only these five can be chosen.
      expect(top).toContainEqual(expect.objectContaining({ token, logprob }));
      expect(top.map((other) => other.logprob)).toEqual(top.map((other) => other.logprob).toSorted((one, other) => other - one));
    }
    expect(logprobs.some(({ logprob, top }) => logprob !== top[0]?.logprob)).toBe(true);
    expect(Buffer.from(logprobs.flatMap(({ bytes }) => bytes ?? [])).toString()).toContain(textOf(answer).slice(0, 40));
  });

  test('greedy text is the same with and without log probabilities', async () => {
    const sampling = { temperature: 0, logitBias: ordinaryTokens };
    const without = await ask('Hello', { sampling });
    const withThem = await ask('Hello', { sampling, logprobs: { wanted: true } });
    expect(textOf(withThem)).toBe(textOf(without));
  });

  test('a seed repeats also with log probabilities', async () => {
    const more = { sampling: { ...plain, seed: 5 }, logprobs: { wanted: true, top: 0 } };
    expect(textOf(await ask('Hello', more))).toBe(textOf(await ask('Hello', more)));
  });

  test('three answers are told apart, differ, and share the bill of one prompt', async () => {
    const one = await ask('Hello', { sampling: { ...plain, seed: 1 } });
    const three = await ask('Hello', { answers: 3, sampling: { ...plain, seed: 1 } });
    expect(three.choices).toHaveLength(3);
    expect(new Set([0, 1, 2].map((choice) => textOf(three, choice))).size).toBe(3);
    expect(three.usage?.input.total).toBe(one.usage?.input.total);
    expect(three.usage?.output.total).toBe(96);
  });

  test('more answers than sequences come one after the other', async () => {
    const answer = await ask('Hello', { answers: 6, limits: { completionTokens: 4 } });
    expect(answer.choices.map((choice) => choice.reason)).toEqual(Array.from({ length: 6 }, () => 'length'));
  });

  test('a logit bias of 100 decides, one of -100 forbids', async () => {
    const forced = await ask('Hello', {
      sampling: { temperature: 0, logitBias: { '1000': 100 } },
      limits: { completionTokens: 3 },
    });
    expect(textOf(forced)).toBe(' would would would');
    const greedy = await ask('Hello', {
      sampling: { temperature: 0 },
      logprobs: { wanted: true },
      limits: { completionTokens: 1 },
    });
    const banned = await ask('Hello', {
      sampling: { temperature: 0, logitBias: Object.fromEntries(await firstTokens(greedy)) },
      limits: { completionTokens: 1 },
    });
    expect(textOf(banned)).not.toBe(textOf(greedy));
  });

  test('penalties change what a greedy answer repeats', async () => {
    const sampling = { temperature: 0, logitBias: { '1000': 100 } };
    const punished = await ask('Hello', {
      sampling: { ...sampling, frequencyPenalty: 2, presencePenalty: 2, repetitionPenalty: 3 },
    });
    expect(textOf(punished)).not.toBe(textOf(await ask('Hello', { sampling })));
  });

  test('an unknown token in logit_bias is refused with its path', async () => {
    await expect(ask('Hello', { sampling: { logitBias: { '999999': 1 } } })).rejects.toMatchObject({
      code: 'invalid_request',
      param: 'logit_bias.999999',
    });
  });

  test('an image is refused with the path of its part', async () => {
    const image = { kind: 'media', medium: 'image', source: { kind: 'url', url: 'https://example.com/a.png' } } as const;
    const turns = [{ role: 'user', parts: [{ kind: 'text', text: 'What is this?' }, image] }] as const;
    await expect(ask('', { turns })).rejects.toMatchObject({ code: 'unsupported_media', param: 'messages[0].content[1]' });
  });

  test('counts tokens as it reads them', async () => {
    expect(await engine.countTokens('')).toBe(0);
    expect(await engine.countTokens('<|im_end|>')).toBeGreaterThan(1);
    expect(await engine.tokenCounter.count(' would would', never)).toBe(2);
  });
});

function textOf(answer: Answer, choice = 0): string {
  return (answer.choices[choice]?.parts ?? []).map((part) => (part.kind === 'text' ? part.text : '')).join('');
}

async function firstTokens(answer: Answer): Promise<[string, number][]> {
  const part = answer.choices[0]?.parts[0];
  const text = part?.kind === 'text' ? part.text : '';
  // Every token id whose text begins like the greedy one is forbidden; ids are those of the tiny vocabulary.
  const { tinyVocabulary } = await import('../../tests/support/tiny-gguf/tiny-vocabulary.ts');
  const { tokens } = await tinyVocabulary();
  return tokens.flatMap((token, id): [string, number][] =>
    token.replace('Ġ', ' ').trim() === text.trim() ? [[String(id), -100]] : [],
  );
}

/** The kinds of events, with repetitions folded. */
function shape(events: readonly AnswerEvent[]): string {
  const kinds = events.map((event) => event.kind).join(' ');
  return kinds
    .replaceAll(/(part-delta ?)+/g, 'part-delta ')
    .replaceAll(/(part-start part-delta part-end ?)+/g, '(part-start part-delta part-end)+ ');
}
