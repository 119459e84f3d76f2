import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ordinarySampling, tinyEngine, tinyRequest } from '../../tests/support/tiny-gguf/tiny-engine.ts';
import type { Answer } from '../model/answer.ts';
import { foldStream } from '../model/stream.ts';
import type { Turn } from '../model/turn.ts';
import type { LocalEngine } from './local-engine.ts';

const never = new AbortController().signal;

function turn(role: Turn['role'], text: string): Turn {
  return { role, parts: [{ kind: 'text', text }] };
}

const rules = turn('system', `Answer kindly. ${'Keep every rule of the house in mind. '.repeat(12)}`);
const question = turn('user', `How are you? ${'I would like to know it in detail. '.repeat(8)}`);
const firstTurns = [rules, question];
const laterTurns = [
  ...firstTurns,
  turn('assistant', 'Well.'),
  turn('user', `And now? ${'Tell me more about that. '.repeat(10)}`),
];

describe.each(['qwen35moe', 'qwen35', 'llama'] as const)('prefix reuse with a %s model', (architecture) => {
  let engine: LocalEngine;
  let fresh: LocalEngine;
  beforeAll(async () => {
    engine = await tinyEngine({ architecture });
    fresh = await tinyEngine({ architecture });
  });
  afterAll(() => Promise.all([engine.close(), fresh.close()]));

  const ask = (on: LocalEngine, turns: readonly Turn[], thinking: 'on' | 'off' = 'off'): Promise<Answer> =>
    foldStream(
      on.run(tinyRequest('', { turns, thinking: { kind: thinking }, sampling: { ...ordinarySampling, seed: 5 } }), never),
    );

  test('the next turn of a conversation reuses the one before, and answers as if it had not', async () => {
    const first = await ask(engine, firstTurns);
    expect(first.usage?.input.cacheRead).toBe(0);
    const cached = await ask(engine, laterTurns);
    const uncached = await ask(fresh, laterTurns);
    // All but the generation prompt of the first turn, a handful of tokens.
    expect(cached.usage?.input.cacheRead).toBeGreaterThan((first.usage?.input.total ?? 0) - 20);
    expect(cached.usage?.input.total).toBe(uncached.usage?.input.total);
    expect(uncached.usage?.input.cacheRead).toBe(0);
    expect(cached.choices).toEqual(uncached.choices);
  });

  test('the same request again reuses nearly all and repeats itself', async () => {
    const once = await ask(engine, laterTurns);
    const again = await ask(engine, laterTurns);
    expect(again.usage?.input.cacheRead).toBeGreaterThan((again.usage?.input.total ?? 0) - 20);
    expect(again.choices).toEqual(once.choices);
  });

  test('another question under the same rules reuses the rules', async () => {
    await ask(engine, firstTurns);
    const other = [rules, turn('user', `What is new? ${'Please say so. '.repeat(10)}`)];
    const answer = await ask(engine, other);
    expect(answer.usage?.input.cacheRead).toBeGreaterThan(60);
    expect(answer.choices).toEqual((await ask(fresh, other)).choices);
  });

  test('a thought of the turn before is not part of what is reused', async () => {
    await ask(engine, firstTurns, 'on');
    const cached = await ask(engine, laterTurns, 'on');
    expect(cached.usage?.input.cacheRead).toBeGreaterThan(60);
    expect(cached.choices).toEqual((await ask(fresh, laterTurns, 'on')).choices);
  });

  test('conversations in turn each keep their own sequence', async () => {
    const conversations = [1, 2, 3, 4].map((number) => [
      turn('system', `You are number ${number}. ${`Rule ${number} is to be kept. `.repeat(20)}`),
      turn('user', `Hello ${number}. ${'How do you do? '.repeat(10)}`),
    ]);
    for (const turns of conversations) await ask(engine, turns);
    for (const turns of conversations) {
      const next = await ask(engine, [...turns, turn('assistant', 'Good.'), turn('user', 'Go on. '.repeat(20))]);
      expect(next.usage?.input.cacheRead).toBeGreaterThan(100);
    }
  });

  test('figures count what was evaluated and what was reused', async () => {
    const before = await engine.figures();
    const answer = await ask(engine, laterTurns);
    const after = await engine.figures();
    const { total = 0, cacheRead = 0 } = answer.usage?.input ?? {};
    expect(after.tokensReused - before.tokensReused).toBe(cacheRead);
    expect(after.tokensEvaluated - before.tokensEvaluated).toBe(total - cacheRead + 32);
  });
});
