import { describe, expect, it } from 'vitest';
import type { Tool } from '../../model/request.ts';
import { askTries, lastTurn } from './ask-tries.test-support.ts';
import { holdsEverything, type Abilities } from './abilities.ts';
import { callPart, ending, opening, saying, textPart, usageOf, used, type Try } from './host-of-tries.test-support.ts';

const weather: Tool = { kind: 'function', name: 'get_weather' };
const clock: Tool = { kind: 'function', name: 'get_time' };

describe('a forced call', () => {
  const tools = [weather, clock];
  const called = (name: string): Try => ({ events: [opening, ...callPart(name, '{}'), ending('tool-calls'), used(10, 4)] });

  it('on a host that holds none: the model is instructed, and asked again where it made none', async () => {
    const answer = await askTries([saying('It rains.'), called('get_time')], { tools, toolChoice: { kind: 'required' } });
    expect(answer.choices[0]?.parts).toMatchObject([{ kind: 'tool-call', name: 'get_time' }]);
    expect(answer.asked.every(({ toolChoice }) => toolChoice === undefined)).toBe(true);
    expect(lastTurn(answer.asked[1])).toContain('did not call any of the tools');
    expect(answer.usage).toEqual(usageOf(10, 4));
  });

  it('a call of another tool than the one that was named is none', async () => {
    const toolChoice = { kind: 'function', name: 'get_time' } as const;
    const answer = await askTries([called('get_weather'), called('get_time')], { tools, toolChoice });
    expect(answer.choices[0]?.parts).toMatchObject([{ kind: 'tool-call', name: 'get_time' }]);
    expect(answer.choices[0]?.reason).toBe('tool-calls');
  });

  it('what is done to the calls of a later try is told too', async () => {
    const parallel = {
      events: [opening, ...callPart('get_time', '{}'), ...callPart('get_weather', '{}', 1), ending('tool-calls')],
    };
    const wish = { tools, toolChoice: { kind: 'required' }, parallelToolCalls: false } as const;
    const answer = await askTries([saying('No.'), parallel], wish);
    expect(answer.choices[0]?.parts).toHaveLength(1);
    expect(answer.notices).toContainEqual(expect.objectContaining({ code: 'dropped', path: 'parallel_tool_calls' }));
  });

  it('a model that will not call is a fault in the end', async () => {
    await expect(askTries([saying('No.')], { tools, toolChoice: { kind: 'required' } })).rejects.toMatchObject({
      code: 'answer_unfit',
      message: expect.stringContaining('did not call any of the tools'),
    });
  });

  it('a thought is kept where the host forces without thinking, and given up when asked again', async () => {
    const abilities: Abilities = { ...holdsEverything, namedCall: 'without-thinking' };
    const toolChoice = { kind: 'function', name: 'get_time' } as const;
    const answer = await askTries(
      [saying('Noon.'), called('get_time')],
      { tools, toolChoice, thinking: { kind: 'on' } },
      abilities,
    );
    expect(answer.asked.map(({ toolChoice: sent, thinking }) => [sent, thinking.kind])).toEqual([
      [undefined, 'on'],
      [toolChoice, 'off'],
    ]);
  });

  it('of one tool, any call is a call by name where the host holds that', async () => {
    const abilities: Abilities = { ...holdsEverything, anyCall: 'never' };
    const answer = await askTries([called('get_time')], { tools: [clock], toolChoice: { kind: 'required' } }, abilities);
    expect(answer.asked[0]?.toolChoice).toEqual({ kind: 'function', name: 'get_time' });
  });

  it('a name that is not among the tools is refused', async () => {
    await expect(askTries([called('x')], { tools, toolChoice: { kind: 'function', name: 'x' } })).rejects.toMatchObject({
      param: 'tool_choice',
    });
  });

  it('a host that holds it and did not is told of', async () => {
    const answer = await askTries([saying('No.')], { tools, toolChoice: { kind: 'required' } }, holdsEverything);
    expect(answer.notices).toMatchObject([{ code: 'ignored', path: 'tool_choice' }]);
  });
});

describe('no call', () => {
  it('tools are left out where the host does not know the word', async () => {
    const { asked } = await askTries([saying('Hi')], { tools: [weather], toolChoice: { kind: 'none' } });
    expect(asked[0]).toMatchObject({ tools: [] });
    expect(asked[0]?.toolChoice).toBeUndefined();
  });

  it('calls that come all the same are dropped', async () => {
    const events = [opening, ...textPart('Hi'), ...callPart('get_weather', '{}', 1), ending('tool-calls')];
    const answer = await askTries([{ events }], { tools: [weather], toolChoice: { kind: 'none' } }, holdsEverything);
    expect(answer.choices).toMatchObject([{ parts: [{ kind: 'text' }], reason: 'stop' }]);
    expect(answer.notices).toMatchObject([{ code: 'dropped', path: 'tool_choice' }]);
  });
});
