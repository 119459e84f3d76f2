import { describe, expect, it } from 'vitest';
import type { AnswerEvent } from '../../model/event.ts';
import { fold } from '../../model/fold.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { requestOf } from '../attempt.test-support.ts';
import { callPart, ending, opening, textPart } from './host-of-tries.test-support.ts';
import { idsOfCalls, ToolCallRules } from './tool-call-rules.ts';

const tools = [
  { kind: 'function', name: 'f' },
  { kind: 'function', name: 'g' },
] as const;

function ruled(events: readonly AnswerEvent[], more: Partial<GenerateRequest> = {}): ReturnType<typeof fold> {
  const request = requestOf('Hi', { tools, ...more });
  let made = 0;
  const rules = new ToolCallRules({ request, takenIds: idsOfCalls(request), newCallId: () => `made-${made++}` });
  return fold(events.flatMap((event) => rules.take([event])));
}

function callsOf(events: readonly AnswerEvent[], more: Partial<GenerateRequest> = {}): unknown[] {
  return (ruled(events, more).choices[0]?.parts ?? []).flatMap((part) =>
    part.kind === 'tool-call' ? [[part.callId, part.name, part.argumentsText]] : [],
  );
}

describe('the calls of an answer', () => {
  it('ids that are missing or come twice are made, the others stay', () => {
    const events = [opening, ...callPart('f', '{}', 0, ''), ...callPart('g', '{}', 1, 'a'), ...callPart('f', '{}', 2, 'a')];
    expect(callsOf(events)).toEqual([
      ['made-0', 'f', '{}'],
      ['a', 'g', '{}'],
      ['made-1', 'f', '{}'],
    ]);
  });

  it('an id that an earlier call of the conversation has is made anew', () => {
    const call = { kind: 'tool-call', callId: 'call_0_0', name: 'f', argumentsText: '{}', ranBy: 'caller' } as const;
    const turns = [{ role: 'assistant', parts: [call] }] as const;
    expect(callsOf([opening, ...callPart('f', '{}', 0, 'call_0_0')], { turns })).toEqual([['made-0', 'f', '{}']]);
  });

  it.each(['', '  '])('arguments that say nothing (%j) become an empty object', (text) => {
    const [[, , said] = []] = callsOf([opening, ...callPart('f', text)]).map((call) => (Array.isArray(call) ? call : []));
    expect(JSON.parse(String(said))).toEqual({});
  });

  it('arguments of calls that interleave stay apart', () => {
    const [first, second] = [callPart('f', '{"a":1}', 0), callPart('g', '', 1)];
    const events = [opening, ...first.slice(0, 1), ...second.slice(0, 1), ...first.slice(1), ...second.slice(1), ending()];
    expect(callsOf(events)).toEqual([
      ['call-0', 'f', '{"a":1}'],
      ['call-1', 'g', '{}'],
    ]);
  });

  it('a call of a tool that was not offered passes, and is told', () => {
    const answer = ruled([opening, ...callPart('h', '{}'), ...callPart('i', '{}', 1)]);
    expect(answer.choices[0]?.parts).toHaveLength(2);
    expect(answer.notices).toMatchObject([{ code: 'ignored', path: 'tools' }]);
  });

  it('where they may not be parallel the first is kept, and the parts behind the others move up', () => {
    const events = [
      opening,
      ...callPart('f', '{}', 0),
      ...callPart('g', '{"a":1}', 1),
      ...textPart('Done.', 2),
      ending('tool-calls'),
    ];
    const answer = ruled(events, { parallelToolCalls: false });
    expect(answer.choices).toMatchObject([
      {
        parts: [
          { kind: 'tool-call', name: 'f' },
          { kind: 'text', text: 'Done.' },
        ],
        reason: 'tool-calls',
      },
    ]);
    expect(answer.notices).toMatchObject([{ code: 'dropped', path: 'parallel_tool_calls' }]);
  });

  it.each([
    ['stop', 'tool-calls'],
    ['other', 'tool-calls'],
    ['tool-calls', 'tool-calls'],
    ['length', 'length'],
    ['content-filter', 'content-filter'],
  ] as const)('an answer with a call that ends with %s ends with %s', (reason, told) => {
    expect(ruled([opening, ...callPart('f', '{}'), ending(reason)]).choices[0]?.reason).toBe(told);
  });

  it('an answer whose calls were all dropped did not end with them', () => {
    const answer = ruled([opening, ...callPart('f', '{}'), ending('tool-calls')], { toolChoice: { kind: 'none' } });
    expect(answer.choices).toEqual([{ parts: [], reason: 'stop' }]);
  });

  it('a call that the host runs itself is its own affair', () => {
    const at = { answer: 0, index: 0 };
    const part = { kind: 'tool-call', callId: '', name: 'web_search', ranBy: 'provider' } as const;
    const events: AnswerEvent[] = [opening, { kind: 'part-start', ...at, part }, { kind: 'part-end', ...at }, ending()];
    expect(ruled(events, { toolChoice: { kind: 'none' } })).toEqual(fold(events));
  });

  it('batches without a call pass as they are', () => {
    const rules = new ToolCallRules({ request: requestOf('Hi'), takenIds: new Set(), newCallId: () => 'x' });
    const batch = [opening, ...textPart('Hello'), ending()];
    expect(rules.take(batch)).toBe(batch);
  });
});
