import { describe, expect, it } from 'vitest';
import type { Answer } from '../../model/answer.ts';
import { FlashmuxError } from '../../model/fault.ts';
import type { JsonObject } from '../../model/json.ts';
import type { GenerateRequest, Tool } from '../../model/request.ts';
import { collect } from '../../model/stream.ts';
import { attemptOf, requestOf } from '../attempt.test-support.ts';
import { ask, askTries, checker, lastTurn } from './ask-tries.test-support.ts';
import { holdsEverything, holdsNothing, type Abilities } from './abilities.ts';
import { guaranteed } from './guaranteed.ts';
import {
  callPart,
  ending,
  hostOfTries,
  opening,
  saying,
  textPart,
  thoughtPart,
  usageOf,
  used,
} from './host-of-tries.test-support.ts';

const never = new AbortController().signal;
const schema: JsonObject = {
  type: 'object',
  properties: { age: { type: 'integer' } },
  required: ['age'],
  additionalProperties: false,
};
const person: GenerateRequest['form'] = { kind: 'schema', name: 'person', schema };
const weather: Tool = { kind: 'function', name: 'get_weather' };

function textOf({ choices }: Answer, choice = 0): string {
  return (choices[choice]?.parts ?? []).map((part) => (part.kind === 'text' ? part.text : '')).join('');
}

describe('a form on a host that holds none', () => {
  it('the model is instructed, and its answer given as it came once it fits', async () => {
    const answer = await askTries([saying('{"age": 3}')], { form: person });
    expect(textOf(answer)).toBe('{"age": 3}');
    expect(answer.asked).toHaveLength(1);
    expect(answer.asked[0]).toMatchObject({ form: { kind: 'unsaid' }, turns: [{ role: 'system' }, { role: 'user' }] });
    expect(JSON.stringify(answer.asked[0]?.turns[0])).toContain('JSON Schema');
    expect(answer).toMatchObject({ id: 'from-host', model: 'its-model', usage: usageOf(10, 5) });
    expect(answer.notices).toMatchObject([{ code: 'moved', path: 'response_format' }]);
  });

  it.each([
    ['one text with them', {}, 1],
    ['a part of its own where they are marked for a cache', { cacheMark: {} }, 2],
  ])('the instruction stands behind those of the caller: %s', async (_, mark, parts) => {
    const turns = [
      { role: 'developer', parts: [{ kind: 'text', text: 'Be kind.', ...mark }] },
      { role: 'user', parts: [{ kind: 'text', text: 'Hi' }] },
    ] as const;
    const { asked } = await askTries([saying('{}')], { form: { kind: 'json' }, turns });
    expect(asked[0]?.turns).toHaveLength(2);
    expect(asked[0]?.turns[0]?.parts).toHaveLength(parts);
    expect(asked[0]?.turns[0]?.role).toBe('developer');
    const told = (asked[0]?.turns[0]?.parts ?? []).map((part) => (part.kind === 'text' ? part.text : '')).join('');
    expect(told).toMatch(/^Be kind\.\n\nAnswer with one JSON object/);
  });

  it('JSON in a fence is taken out, and told', async () => {
    const answer = await askTries([saying('Here:\n```json\n{"age": 3,}\n```')], { form: person });
    expect(textOf(answer)).toBe('{"age": 3}');
    expect(answer.notices).toMatchObject([{ code: 'moved' }, { code: 'dropped', path: 'response_format' }, { code: 'clamped' }]);
  });

  it('an answer that does not fit is asked for again in the words of the validator', async () => {
    const answer = await askTries([saying('{"age": "old"}', 10, 7), saying('{"age": 80}', 40, 6)], { form: person });
    expect(textOf(answer)).toBe('{"age": 80}');
    expect(answer.choices).toHaveLength(1);
    expect(answer.asked[1]?.turns.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
    expect(lastTurn(answer.asked[1])).toContain('/age must be integer');
    expect(answer.notices).toContainEqual(expect.objectContaining({ code: 'dropped', path: 'response_format' }));
  });

  it('the usage is the input as it was read first, and the output that was given', async () => {
    const answer = await askTries([saying('no', 10, 7), saying('no', 30, 8), saying('{"age": 80}', 50, 6)], { form: person });
    expect(answer.usage).toEqual(usageOf(10, 6));
  });

  it('an input that the first try did not tell stays untold', async () => {
    const silent = { events: [opening, ...textPart('no'), ending()] };
    const answer = await askTries([silent, saying('{"age": 80}', 50, 6)], { form: person });
    expect(answer.usage).toEqual({ input: {}, output: { total: 6 }, toolCalls: {} });
  });

  it('after three tries it is a fault that says what was wrong, and nothing of a text was given', async () => {
    const host = hostOfTries([saying('{"age": 1.5}')]);
    const fault: unknown = await ask(host, { form: person }).catch((error: unknown) => error);
    expect(host.asked).toHaveLength(3);
    expect(fault).toMatchObject({ code: 'answer_unfit', upstream: { provider: 'test-host' } });
    expect(FlashmuxError.is(fault) && fault.message).toMatch(/asked 3 times.*\/age must be integer/);
  });

  it('thoughts pass at once, and are not thought again', async () => {
    const tries = [
      { events: [opening, ...thoughtPart('Hm.'), ...textPart('old', 1), ending(), used(10, 9)] },
      saying('{"age":1}'),
    ];
    const answer = await askTries(tries, { form: person, thinking: { kind: 'on' } });
    expect(answer.choices[0]?.parts.map(({ kind }) => kind)).toEqual(['reasoning', 'text']);
    expect(answer.asked.map(({ thinking }) => thinking.kind)).toEqual(['on', 'off']);
  });

  it('json mode wants an object', async () => {
    const answer = await askTries([saying('[1]'), saying('{"a":[1]}')], { form: { kind: 'json' } });
    expect(textOf(answer)).toBe('{"a":[1]}');
    expect(lastTurn(answer.asked[1])).toContain('no object');
  });

  it('several values that fit are as good as none', async () => {
    const answer = await askTries([saying('{"age":1} or {"age":2}'), saying('{"age":1}')], { form: person });
    expect(lastTurn(answer.asked[1])).toContain('several values');
  });

  it('a value that is given twice is one', async () => {
    const answer = await askTries([saying('```\n{"age":1}\n```\nso\n```\n{ "age": 1 }\n```')], { form: person });
    expect([textOf(answer), answer.asked.length]).toEqual(['{ "age": 1 }', 1]);
  });

  it.each(['length', 'content-filter'] as const)('an answer cut by %s is given as it is', async (reason) => {
    const answer = await askTries([{ events: [opening, ...textPart('{"age":'), ending(reason)] }], { form: person });
    expect([textOf(answer), answer.choices[0]?.reason]).toEqual(['{"age":', reason]);
  });

  it('a refusal passes', async () => {
    const refusal = [
      { kind: 'part-start', answer: 0, index: 0, part: { kind: 'refusal' } },
      { kind: 'part-delta', answer: 0, index: 0, delta: { kind: 'text', text: 'No.' } },
      { kind: 'part-end', answer: 0, index: 0 },
    ] as const;
    const answer = await askTries([{ events: [opening, ...refusal, ending()] }], { form: person });
    expect(answer.choices[0]?.parts).toEqual([{ kind: 'refusal', text: 'No.' }]);
  });

  it('a call passes, with the text before it', async () => {
    const events = [opening, ...textPart('Let me see.'), ...callPart('get_weather', '{}', 1), ending('tool-calls')];
    const answer = await askTries([{ events }], { form: person, tools: [weather] });
    expect(answer.choices[0]?.parts).toMatchObject([{ kind: 'text', text: 'Let me see.' }, { kind: 'tool-call' }]);
    expect(answer.asked).toHaveLength(1);
  });

  it('a call of a tool that nobody offered does not stand in the place of the form', async () => {
    const events = [opening, ...callPart('get_weather', '{}'), ...textPart('{"age":1}', 1), ending('tool-calls')];
    const answer = await askTries([{ events }], { form: person });
    expect(answer.choices).toMatchObject([{ parts: [{ kind: 'text', text: '{"age":1}' }], reason: 'stop' }]);
    expect(answer.notices).toContainEqual(expect.objectContaining({ code: 'dropped', path: 'tools' }));
  });

  it('several answers are asked for one by one, each is checked by itself, and the input counts once', async () => {
    const tries = [saying('{"age":1}', 10, 5), saying('no', 10, 3), saying('{"age":2}', 10, 6), saying('{"age":3}', 30, 7)];
    const answer = await askTries(tries, { form: person, answers: 3, sampling: { seed: 7 } });
    const texts = answer.choices.map((_, choice) => textOf(answer, choice));
    expect(texts.toSorted()).toEqual(['{"age":1}', '{"age":2}', '{"age":3}']);
    expect(answer.usage).toEqual(usageOf(10, 18));
    expect(answer.asked.every(({ answers }) => answers === undefined)).toBe(true);
    expect(new Set(answer.asked.map(({ sampling }) => sampling.seed))).toEqual(new Set([7, 8, 9]));
  });

  it('log probabilities come along with a text that stayed what it was', async () => {
    const logprob = { token: '{"age":1}', logprob: -1, bytes: null, top: [] };
    const delta = { kind: 'text', text: '{"age":1}', logprobs: [logprob] } as const;
    const at = { answer: 0, index: 0 };
    const events = [
      opening,
      { kind: 'part-start', ...at, part: { kind: 'text' } },
      { kind: 'part-delta', ...at, delta },
      ending(),
    ] as const;
    const answer = await askTries([{ events }], { form: person });
    expect(answer.choices[0]?.parts).toMatchObject([{ logprobs: [logprob] }]);
    const wordy = { ...delta, text: 'So: {"age":1}' };
    const changed = await askTries([{ events: [...events.slice(0, 2), { kind: 'part-delta', ...at, delta: wordy }, ending()] }], {
      form: person,
    });
    expect(changed.choices[0]?.parts).toEqual([{ kind: 'text', text: '{"age":1}' }]);
    expect(changed.notices).toContainEqual(expect.objectContaining({ code: 'dropped', path: 'logprobs' }));
  });

  it('a schema that nothing can be checked against is refused before the host is asked', async () => {
    const host = hostOfTries([saying('{}')]);
    const form = { kind: 'schema', name: 'x', schema: { type: 'nonsense' } } as const;
    await expect(ask(host, { form })).rejects.toMatchObject({ code: 'invalid_schema' });
    expect(host.asked).toHaveLength(0);
  });

  it('a host that fails when asked again fails; what it has against our words is not the fault of the caller', async () => {
    const busy = new FlashmuxError('rate_limited', 'slow down');
    const long = new FlashmuxError('context_length_exceeded', 'too long', { param: 'messages' });
    const first = saying('no');
    await expect(askTries([first, { events: [], fault: busy }], { form: person })).rejects.toBe(busy);
    await expect(askTries([first, { events: [], fault: long }], { form: person })).rejects.toMatchObject({
      code: 'answer_unfit',
      cause: long,
    });
    await expect(askTries([{ events: [], fault: long }], { form: person })).rejects.toBe(long);
  });

  it('an answer without an end is a fault', async () => {
    await expect(askTries([{ events: [opening, ...textPart('{"age":1}')] }], { form: person })).rejects.toMatchObject({
      code: 'upstream_failed',
    });
  });

  it('a text that grows without end is a fault', async () => {
    const word = textPart('x'.repeat(3_000_000)).filter(({ kind }) => kind === 'part-delta');
    const start = textPart('').slice(0, 1);
    await expect(askTries([{ events: [opening, ...start, ...word, ...word, ending()] }], { form: person })).rejects.toMatchObject(
      {
        message: expect.stringContaining('too long to be held'),
      },
    );
  });
});

describe('a form on a host that holds it', () => {
  it('the text is not waited for', async () => {
    const host = hostOfTries([saying('{"age": 3}')]);
    const provider = guaranteed(host.provider, holdsEverything, { checker, newCallId: () => 'x' });
    const events = await collect(provider.run(attemptOf(requestOf('How old?', { form: person })), never));
    expect(events).toEqual(saying('{"age": 3}').events);
    expect(host.asked[0]).toMatchObject({ form: person, turns: [{ role: 'user' }] });
  });

  it('that it did not hold it is told before the end', async () => {
    const answer = await askTries([saying('{"age": "old"}')], { form: person }, holdsEverything);
    expect(textOf(answer)).toBe('{"age": "old"}');
    expect(answer.notices).toMatchObject([
      { code: 'ignored', path: 'response_format', message: expect.stringContaining('/age must be integer') },
    ]);
  });

  it('a schema that only the host understands is its own affair', async () => {
    const odd = { kind: 'schema', name: 'x', schema: { type: 'nonsense' } } as const;
    const answer = await askTries([saying('{}')], { form: odd }, holdsEverything);
    expect([textOf(answer), answer.notices]).toEqual(['{}', []]);
  });

  it('a host of JSON alone is helped with the schema', async () => {
    const abilities = { ...holdsNothing, json: 'always' } as const;
    const answer = await askTries([saying('{"age":"x"}'), saying('{"age":1}')], { form: person }, abilities);
    expect(answer.asked.map(({ form }) => form)).toEqual([{ kind: 'json' }, { kind: 'json' }]);
    expect(textOf(answer)).toBe('{"age":1}');
  });
});

describe('a form on a host that holds it without thinking', () => {
  const abilities: Abilities = { ...holdsEverything, schema: 'without-thinking', json: 'without-thinking' };

  it('a thought that was asked for is kept: instructed first, left to the host when asked again', async () => {
    const answer = await askTries(
      [saying('old'), saying('{"age":1}')],
      { form: person, thinking: { kind: 'on', budgetTokens: 9 } },
      abilities,
    );
    expect(answer.asked.map(({ form, thinking }) => [form.kind, thinking.kind])).toEqual([
      ['unsaid', 'on'],
      ['schema', 'off'],
    ]);
  });

  it('where nobody asked for a thought it is switched off, and told', async () => {
    const answer = await askTries([saying('{"age":1}')], { form: person }, abilities);
    expect(answer.asked).toMatchObject([{ form: person, thinking: { kind: 'off' } }]);
    expect(answer.notices).toMatchObject([{ code: 'clamped', path: 'enable_thinking' }]);
  });

  it('where it is off all is left to the host', async () => {
    const answer = await askTries([saying('{"age":1}')], { form: person, thinking: { kind: 'off' } }, abilities);
    expect([answer.asked[0]?.form, answer.notices]).toEqual([person, []]);
  });
});

describe('an answer that is cancelled', () => {
  it('leaves nothing running, and what waited is told for the bill', async () => {
    const host = hostOfTries([{ events: [opening, ...textPart('{"age"').slice(0, 2), used(10, 3)], hangs: true }]);
    const controller = new AbortController();
    const provider = guaranteed(host.provider, holdsNothing, { checker, newCallId: () => 'x' });
    const kinds: string[] = [];
    const reading = (async () => {
      for await (const batch of provider.run(attemptOf(requestOf('Hi', { form: person })), controller.signal)) {
        for (const event of batch) kinds.push(event.kind);
        if (host.running() === 1) setImmediate(() => controller.abort());
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
    expect(kinds).toEqual(['answer-start', 'notice', 'part-start', 'part-delta', 'usage']);
    expect([host.running(), host.asked.length]).toEqual([0, 1]);
  });

  it('all tries together have the time of one answer', async () => {
    const host = hostOfTries([saying('no'), { events: [opening], hangs: true }]);
    const provider = guaranteed(host.provider, holdsNothing, { checker, newCallId: () => 'x' });
    const attempt = attemptOf(requestOf('Hi', { form: { kind: 'json' } }), { totalMs: 300 });
    await expect(collect(provider.run(attempt, never))).rejects.toMatchObject({ code: 'upstream_timeout' });
    await new Promise((resolve) => setImmediate(resolve));
    expect([host.running(), host.asked.length]).toEqual([0, 2]);
  });

  it('leaving the loop ends the host too', async () => {
    const host = hostOfTries([{ events: [opening, ...thoughtPart('Hm')], hangs: true }]);
    const provider = guaranteed(host.provider, holdsNothing, { checker, newCallId: () => 'x' });
    for await (const _ of provider.run(attemptOf(requestOf('Hi', { form: person })), never)) break;
    await new Promise((resolve) => setImmediate(resolve));
    expect(host.running()).toBe(0);
  });
});

it('instructions count where the host counts', async () => {
  const { provider } = hostOfTries([]);
  const counting = guaranteed({ ...provider, countInput: ({ turns }) => Promise.resolve(turns.length) }, holdsNothing, {
    checker,
    newCallId: () => 'x',
  });
  expect(await counting.countInput?.(requestOf('Hi', { form: person }), never)).toBe(2);
  expect(guaranteed(provider, holdsNothing, { checker, newCallId: () => 'x' }).countInput).toBeUndefined();
});
