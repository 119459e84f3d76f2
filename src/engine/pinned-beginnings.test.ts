import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ordinaryTokens, tinyEngine, tinyRequest } from '../../tests/support/tiny-gguf/tiny-engine.ts';
import type { Answer } from '../model/answer.ts';
import type { CacheMark, Part } from '../model/part.ts';
import type { GenerateRequest } from '../model/request.ts';
import { foldStream } from '../model/stream.ts';
import type { Turn } from '../model/turn.ts';
import type { LocalEngine } from './local-engine.ts';

const never = new AbortController().signal;
const answerTokens = 16;

function text(words: string, cacheMark?: CacheMark): Part {
  return { kind: 'text', text: words, ...(cacheMark === undefined ? {} : { cacheMark }) };
}

function turn(role: Turn['role'], ...parts: (string | Part)[]): Turn {
  return { role, parts: parts.map((part) => (typeof part === 'string' ? text(part) : part)) };
}

function rules(mark?: CacheMark, name = 'the house'): Turn {
  return turn('system', text(`Answer kindly. ${`Keep every rule of ${name} in mind. `.repeat(16)}`, mark));
}

const question = turn('user', `How are you? ${'I would like to know it in detail. '.repeat(4)}`);
const other = turn('user', `What is new? ${'Please say so. '.repeat(6)}`);

/** The likeliest token each time, so that equal answers mean equal numbers. */
async function ask(
  engine: LocalEngine,
  turns: readonly Turn[],
  more: Partial<GenerateRequest> & { readonly scope?: string } = {},
): Promise<Answer> {
  const { scope, ...rest } = more;
  const request = tinyRequest('', {
    turns,
    sampling: { temperature: 0, logitBias: ordinaryTokens },
    limits: { completionTokens: answerTokens },
    ...rest,
  });
  return foldStream(engine.run(request, never, scope));
}

/** Conversations that have nothing to do with the others and take every sequence. */
async function elsewhere(engine: LocalEngine): Promise<void> {
  for (const name of ['apples', 'pears'])
    await ask(engine, [rules(undefined, name), turn('user', `Tell me of ${name}. `.repeat(9))]);
}

function cacheOf({ usage }: Answer): unknown {
  const { cacheRead, cacheWrite, cacheKind } = usage?.input ?? {};
  return { cacheRead, cacheWrite, cacheKind };
}

function written({ usage }: Answer): number {
  return usage?.input.cacheWrite ?? 0;
}

/** The paths of the marks that were not followed. */
function ignoredOf({ notices }: Answer): readonly string[] {
  return notices.flatMap(({ code, path: at }) => (code === 'ignored' && at.endsWith('.cache_control') ? [at] : []));
}

describe.each(['qwen35moe', 'qwen35', 'llama'] as const)('marked beginnings with a %s model', (architecture) => {
  let engine: LocalEngine;
  let fresh: LocalEngine;
  beforeAll(async () => {
    // One sequence, so that every other conversation takes it.
    engine = await tinyEngine({ architecture }, { parallel: 1 });
    fresh = await tinyEngine({ architecture }, { parallel: 1, pinnedBytes: 0 });
  });
  afterAll(() => Promise.all([engine.close(), fresh.close()]));

  /** What an engine says that has seen nothing of this before. */
  const unaided = async (turns: readonly Turn[], more: Partial<GenerateRequest> = {}): Promise<Answer> => {
    await elsewhere(fresh);
    const answer = await ask(fresh, turns, more);
    expect(answer.usage?.input.cacheRead).toBeLessThan(20);
    return answer;
  };

  test('it is written once, outlives other conversations, and is read; the answer is the same token for token', async () => {
    const scope = 'once';
    const first = await ask(engine, [rules({}), question], { scope });
    expect(cacheOf(first)).toEqual({ cacheRead: 0, cacheWrite: expect.any(Number), cacheKind: 'explicit' });
    expect(written(first)).toBeGreaterThan(64);
    expect(first.choices).toEqual((await unaided([rules(), question])).choices);

    await elsewhere(engine);
    const before = await engine.figures();
    const second = await ask(engine, [rules({}), other], { scope });
    const after = await engine.figures();
    expect(cacheOf(second)).toEqual({ cacheRead: written(first), cacheWrite: 0, cacheKind: 'explicit' });
    expect(second.choices).toEqual((await unaided([rules(), other])).choices);
    const evaluated = (second.usage?.input.total ?? 0) - written(first) + answerTokens;
    expect(after.tokensEvaluated - before.tokensEvaluated).toBe(evaluated);
  });

  test('a conversation that goes on reads the mark before and writes only what is new', async () => {
    const scope = 'longer';
    const first = await ask(engine, [rules({}), question], { scope });
    await elsewhere(engine);
    const more = `And now? ${'Tell me more of that. '.repeat(9)}`;
    const longer = [question, turn('assistant', 'Well.'), turn('user', more)];
    const second = await ask(engine, [rules(), ...longer.slice(0, -1), turn('user', text(more, {}))], { scope });
    expect(cacheOf(second)).toEqual({ cacheRead: written(first), cacheWrite: expect.any(Number), cacheKind: 'explicit' });
    expect(written(second)).toBeGreaterThan(64);
    expect(second.choices).toEqual((await unaided([rules(), ...longer])).choices);

    await elsewhere(engine);
    const third = await ask(engine, [rules(), ...longer, turn('assistant', 'Oh.'), other], { scope });
    // It carries no mark, so the engine reads it of its own accord.
    expect(cacheOf(third)).toEqual({
      cacheRead: written(first) + written(second),
      cacheWrite: undefined,
      cacheKind: 'implicit',
    });
    expect(third.choices).toEqual((await unaided([rules(), ...longer, turn('assistant', 'Oh.'), other])).choices);
  });

  test('a part of a message is marked up to its last word, and another question after it reads that', async () => {
    const scope = 'part';
    const document = (mark?: CacheMark): Part =>
      text(`A ship sails. ${'The sea is wide and the wind is good. '.repeat(12)}`, mark);
    const first = await ask(engine, [turn('user', document({}), 'Who sails?')], { scope });
    const total = first.usage?.input.total ?? 0;
    expect(written(first)).toBeGreaterThan(total - 40);
    await elsewhere(engine);
    const second = await ask(engine, [turn('user', document({}), 'Is the wind good, then?')], { scope });
    expect(cacheOf(second)).toEqual({ cacheRead: written(first), cacheWrite: 0, cacheKind: 'explicit' });
    expect(second.choices).toEqual((await unaided([turn('user', document(), 'Is the wind good, then?')])).choices);
  });

  test('a mark on what a sequence still holds is told as written, like any other, but it is not evaluated again', async () => {
    const scope = 'held';
    await elsewhere(engine);
    const first = await ask(engine, [rules(), question], { scope });
    const before = await engine.figures();
    const second = await ask(engine, [rules({}), question], { scope });
    const after = await engine.figures();
    expect(cacheOf(second)).toEqual({ cacheRead: 0, cacheWrite: expect.any(Number), cacheKind: 'explicit' });
    expect(after.tokensReused - before.tokensReused).toBe(written(second));
    expect(second.choices).toEqual(first.choices);
    await elsewhere(engine);
    const third = await ask(engine, [rules({}), other], { scope });
    expect(cacheOf(third)).toEqual({ cacheRead: written(second), cacheWrite: 0, cacheKind: 'explicit' });
  });

  test('what a sequence holds beyond a pin is read too, told as the kind that gave more', async () => {
    const scope = 'both';
    const long = turn('user', `And more. ${'It is a long story of the sea and the ship. '.repeat(30)}`);
    await ask(engine, [rules({}), long], { scope });
    const { usage } = await ask(engine, [rules({}), long, turn('assistant', 'Yes.'), other], { scope });
    expect(usage?.input).toMatchObject({ cacheKind: 'implicit', cacheWrite: 0 });
    expect(usage?.input.cacheRead).toBeGreaterThan(400);
  });

  test('after its lifetime it is gone, and the answer is the same', async () => {
    const scope = 'brief';
    const kept = (await engine.figures()).pins;
    const first = await ask(engine, [rules({ lifetimeSeconds: 1 }), question], { scope });
    expect((await engine.figures()).pins).toBe(kept + 1);
    await expect.poll(async () => (await engine.figures()).pins, { timeout: 20_000 }).toBeLessThanOrEqual(kept);
    await elsewhere(engine);
    const again = await ask(engine, [rules({}), question], { scope });
    expect(cacheOf(again)).toEqual({ cacheRead: 0, cacheWrite: written(first), cacheKind: 'explicit' });
    expect(again.choices).toEqual(first.choices);
  });
});

describe('what marks are promised', () => {
  const engines: LocalEngine[] = [];
  const started = async (...options: Parameters<typeof tinyEngine>): Promise<LocalEngine> => {
    const engine = await tinyEngine(...options);
    engines.push(engine);
    return engine;
  };
  afterEach(() => Promise.all(engines.splice(0).map((engine) => engine.close())));

  test('no scope reads what another has marked', async () => {
    const engine = await started(undefined, { parallel: 1 });
    const first = await ask(engine, [rules({}), question], { scope: 'a' });
    for (const scope of ['b', undefined]) {
      await elsewhere(engine);
      const answer = await ask(engine, [rules({}), question], scope === undefined ? {} : { scope });
      expect(cacheOf(answer)).toEqual({ cacheRead: 0, cacheWrite: written(first), cacheKind: 'explicit' });
      expect(answer.choices).toEqual(first.choices);
    }
  });

  test('a new process of the engine knows none of them', async () => {
    const engine = await started(undefined, { parallel: 1, restarts: { firstWaitMs: 1 } });
    const first = await ask(engine, [rules({}), question]);
    expect((await engine.figures()).pins).toBe(1);
    if (engine.pid !== undefined) process.kill(engine.pid, 'SIGKILL');
    await expect.poll(() => engine.status().kind, { timeout: 30_000 }).not.toBe('ready');
    const again = await ask(engine, [rules({}), question]);
    expect(cacheOf(again)).toEqual(cacheOf(first));
    expect(again.choices).toEqual(first.choices);
  });

  test('the memory stays below its budget: what was used longest ago is written anew', async () => {
    const roomy = await started(undefined, { parallel: 1 });
    await ask(roomy, [rules({}), question]);
    const { pinnedBytes: one } = await roomy.figures();
    const engine = await started(undefined, { parallel: 1, pinnedBytes: Math.floor(one * 1.5) });
    const conversations = ['the house', 'the garden', 'the house'].map((name) => [rules({}, name), question]);
    for (const turns of conversations) {
      const answer = await ask(engine, turns);
      expect(cacheOf(answer)).toMatchObject({ cacheKind: 'explicit' });
      expect(written(answer)).toBeGreaterThan(64);
      const { pins, pinnedBytes } = await engine.figures();
      expect(pins).toBe(1);
      expect(pinnedBytes).toBeLessThanOrEqual(one * 1.5);
    }
  });

  test('a state larger than the whole budget is not kept, each mark is told so, and the answer is not delayed by it', async () => {
    const engine = await started(undefined, { parallel: 1, pinnedBytes: 1_000 });
    const first = await ask(engine, [rules({}), question]);
    const second = await ask(engine, [rules({}), question]);
    for (const answer of [first, second]) expect(ignoredOf(answer)).toEqual(['messages[0].content[0].cache_control']);
    expect(written(first)).toBe(0);
    // The second time nothing holds it back from all that the sequence has.
    expect(second.usage?.input.cacheRead).toBeGreaterThan((second.usage?.input.total ?? 0) - 40);
    expect(second.usage?.input.cacheKind).toBe('implicit');
  });

  test('many at once: each is answered, and no token is told twice', async () => {
    const engine = await started(undefined, { parallel: 3 });
    const requests = Array.from({ length: 18 }, (_, number) => {
      const mark = number % 3 === 0 ? undefined : {};
      return [rules(mark, `house ${number % 4}`), number % 2 === 0 ? question : other];
    });
    const answers = await Promise.all(requests.map((turns, number) => ask(engine, turns, { scope: `account ${number % 2}` })));
    for (const { usage, choices } of answers) {
      const { total = 0, cacheRead = 0, cacheWrite = 0 } = usage?.input ?? {};
      expect(cacheRead + cacheWrite).toBeLessThan(total);
      expect(choices[0]?.reason).toBe('length');
    }
    expect(answers.some(({ usage }) => usage?.input.cacheKind === 'explicit' && (usage.input.cacheRead ?? 0) > 0)).toBe(true);
    // Each of the four houses belongs to one account.
    expect((await engine.figures()).pins).toBe(4);
  });

  test('five marks: the last four count; n answers write once; a result of a tool is marked like a text', async () => {
    const engine = await started(undefined, { parallel: 4 });
    const turns = [
      rules({}),
      turn('user', text(`First. ${'And that is the first of all. '.repeat(6)}`, {})),
      turn('assistant', { kind: 'tool-call', callId: 'c', name: 'look', argumentsText: '{}', ranBy: 'caller' }),
      turn('tool', {
        kind: 'tool-result',
        callId: 'c',
        parts: [text('It is seen that the sea is calm today. '.repeat(6))],
        cacheMark: {},
      }),
      turn('assistant', 'Calm.'),
      turn('user', text(`Second. ${'And that is the second of all. '.repeat(6)}`, {})),
      turn('assistant', 'Good.'),
      turn('user', text(`Third. ${'And that is the third of all. '.repeat(6)}`, {})),
    ];
    const tools = [{ kind: 'function', name: 'look' }] as const;
    const answer = await ask(engine, turns, { tools, answers: 3 });
    expect(ignoredOf(answer)).toEqual(['messages[0].content[0].cache_control']);
    expect((await engine.figures()).pins).toBe(4);
    const { total = 0, cacheRead = 0, cacheWrite = 0 } = answer.usage?.input ?? {};
    expect(cacheRead).toBe(0);
    expect(cacheWrite).toBeGreaterThan(total - 20);
    expect(cacheWrite).toBeLessThan(total);
    expect(answer.choices[1]?.parts).toEqual(answer.choices[0]?.parts);
  });

  describe('without room for files', () => {
    const before = process.env['TMPDIR'];
    let folder = '';
    beforeAll(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'flashmux-no-room-'));
      process.env['TMPDIR'] = folder;
    });
    afterAll(async () => {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
      await rm(folder, { recursive: true, force: true });
    });

    test('what was kept is evaluated again and what is new is not kept, with a notice; the answers are the same', async () => {
      const engine = await started(undefined, { parallel: 1 });
      const first = await ask(engine, [rules({}), question]);
      expect(written(first)).toBeGreaterThan(64);
      await rm(folder, { recursive: true });
      await elsewhere(engine);
      const second = await ask(engine, [rules({}), question]);
      expect(second.usage?.input.cacheRead).toBe(0);
      expect(second.choices).toEqual(first.choices);
      await elsewhere(engine);
      const third = await ask(engine, [rules({}), question]);
      expect(ignoredOf(third)).toEqual(['messages[0].content[0].cache_control']);
      expect(written(third)).toBe(0);
      expect(third.choices).toEqual(first.choices);
    });
  });
});
