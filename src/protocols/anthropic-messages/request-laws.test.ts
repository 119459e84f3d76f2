import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isJsonObject, parseJson } from '../../model/json.ts';
import type { Part, ToolCallPart } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { Turn } from '../../model/turn.ts';
import { lawRuns } from '../../../tests/support/arbitraries/fuzz-runs.ts';
import { paired } from '../../../tests/support/arbitraries/paired.ts';
import { generateRequest } from '../../../tests/support/arbitraries/requests.ts';
import { anthropicMessages } from './anthropic-messages.ts';

const { readRequest } = anthropicMessages.server;
const { writeRequest } = anthropicMessages.client;
const requests = generateRequest('anthropic-messages').map(paired);

/** The same conversations with no wish that this wire has no word for. */
const sayable = requests.map((request): GenerateRequest => {
  const { model, turns, tools, toolChoice, parallelToolCalls, sampling, thinking, form, delivery, carry } = request;
  const { temperature = 0, topP = 1, topK = 0, stop = [] } = sampling;
  return {
    model,
    turns: turns.map(({ role, parts }) => ({ role: role === 'developer' ? 'system' : role, parts })),
    tools,
    ...(toolChoice === undefined || toolChoice.kind === 'none' ? {} : { toolChoice }),
    ...(parallelToolCalls === undefined || tools.length === 0 ? {} : { parallelToolCalls }),
    sampling: { temperature, topP, topK, stop },
    limits: { completionTokens: 200_000 },
    thinking:
      thinking.kind === 'on' && thinking.budgetTokens !== undefined
        ? { kind: 'on', budgetTokens: thinking.budgetTokens }
        : { kind: 'off', effort: 'high' },
    form:
      form.kind === 'schema' && form.schema !== undefined
        ? { kind: 'schema', name: 'output', schema: form.schema, strict: true }
        : { kind: 'plain' },
    delivery: delivery.kind === 'whole' ? delivery : { kind: 'stream', usage: true },
    ...(carry?.protocol === 'anthropic-messages' ? { carry } : {}),
  };
});

describe('read after write', () => {
  test('is the request itself where the writer gave no notice', () => {
    let silent = 0;
    fc.assert(
      fc.property(sayable, (request) => {
        const { body, notices } = writeRequest(request);
        if (notices.length > 0) return;
        silent += 1;
        expect(readRequest(body)).toEqual(withoutUntoldLosses(request));
      }),
      { numRuns: lawRuns * 2 },
    );
    expect(silent, 'cases without a notice').toBeGreaterThan(lawRuns / 5);
  });

  test('differs only where a notice names the place', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const { body, notices } = writeRequest(request);
        const again = readRequest(body);
        const wanted = withoutUntoldLosses(request);
        for (const [place, isNamed] of Object.entries(places)) {
          if (notices.some(({ path }) => isNamed(path))) continue;
          expect([place, valueAt(again, place)]).toEqual([place, valueAt(wanted, place)]);
        }
        expect(again.sampling).toEqual(sayableSampling(request));
        const told = new Set(notices.map((notice) => notice.path.split('.')[0]));
        const parts = again.turns.flatMap((turn) => turn.parts);
        const unchanged = request.turns.filter((_turn, index) => !told.has(`messages[${index}]`));
        for (const part of unchanged.flatMap((turn) => turn.parts.map(asRead))) expect(parts).toContainEqual(part);
      }),
      { numRuns: lawRuns },
    );
  });

  test('loses nothing the second time', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const once = writeRequest(request).body;
        const { body, notices } = writeRequest(readRequest(JSON.parse(JSON.stringify(once))));
        expect(body).toEqual(once);
        // Text that is no JSON is wrapped again each time, and told again.
        expect(notices.filter((notice) => !notice.message.includes('INVALID_JSON'))).toEqual([]);
      }),
      { numRuns: lawRuns },
    );
  });

  test('keeps the parts of all turns in their order: this wire moves nothing', () => {
    fc.assert(
      fc.property(requests, (request) => {
        expect(textsOf(readRequest(writeRequest(request).body).turns)).toEqual(textsOf(request.turns));
      }),
      { numRuns: lawRuns },
    );
  });
});

function sayableSampling({ sampling }: GenerateRequest): GenerateRequest['sampling'] {
  const words = new Set(['temperature', 'topP', 'topK', 'stop']);
  return Object.fromEntries(Object.entries(sampling).filter(([word]) => words.has(word)));
}

/** Top-level places of a request, and the paths of notices that tell of them. */
const places: Readonly<Record<string, (path: string) => boolean>> = {
  model: () => false,
  tools: (path) => path.startsWith('tools['),
  toolChoice: (path) => path === 'tool_choice' || path === 'parallel_tool_calls',
  parallelToolCalls: (path) => path === 'tool_choice' || path === 'parallel_tool_calls',
  limits: (path) => path === 'max_tokens',
  thinking: (path) => ['thinking_budget', 'reasoning_effort', 'preserve_thinking'].includes(path),
  form: (path) => path === 'response_format',
  delivery: () => false,
  serverTools: (path) => path.startsWith('tool_'),
  carry: (path) => path === '',
};

function valueAt(request: GenerateRequest, place: string): unknown {
  return new Map<string, unknown>(Object.entries(request)).get(place);
}

/** All words of a conversation, in order. Calls that a server ran, and thoughts where only an assistant thinks, are dropped by a notice. */
function textsOf(turns: readonly Turn[]): readonly string[] {
  return turns.flatMap((turn) => turn.parts.flatMap(wordsOf));
}

function wordsOf(part: Part): readonly string[] {
  switch (part.kind) {
    case 'text':
    case 'refusal':
    case 'reasoning':
      return [part.text];
    case 'tool-call':
      return part.ranBy === 'caller' ? [part.callId] : [];
    case 'tool-result':
      return [part.callId, ...part.parts.flatMap(wordsOf)];
    case 'media':
    case 'opaque':
      return [];
  }
}

/** The losses that are listed as going without a notice. */
function withoutUntoldLosses(request: GenerateRequest): GenerateRequest {
  const { parallelToolCalls, toolChoice, form, delivery, tools } = request;
  const spoken = request.turns.filter((turn) => !isSilent(turn));
  const saying = spoken.length === 0 ? request.turns.slice(-1) : spoken;
  const choice = toolChoice ?? (parallelToolCalls === undefined ? undefined : { kind: 'auto' });
  return {
    ...request,
    turns: saying.reduce(withTurn, []),
    tools: tools.map((tool) => ({ ...tool, parameters: tool.parameters ?? { type: 'object', properties: {} } })),
    ...(choice === undefined ? {} : { toolChoice: choice }),
    form: form.kind === 'plain' ? { kind: 'unsaid' } : form,
    delivery: delivery.kind === 'stream' ? { kind: 'stream' } : delivery,
  };
}

function isSilent({ role, parts, carry }: Turn): boolean {
  return (role === 'system' || role === 'developer') && parts.length === 0 && carry?.protocol !== 'anthropic-messages';
}

/** Tool results in a row are one message, and a message of nothing else is the tools'. */
function withTurn(turns: readonly Turn[], turn: Turn): readonly Turn[] {
  const isResults = turn.role !== 'assistant' && turn.parts.length > 0 && turn.parts.every((part) => part.kind === 'tool-result');
  const parts = turn.parts.map(asRead);
  const before = turns.at(-1);
  if (!isResults) return [...turns, { ...turn, parts }];
  if (before?.role !== 'tool') return [...turns, { ...turn, role: 'tool', parts }];
  return [...turns.slice(0, -1), { ...before, parts: [...before.parts, ...parts] }];
}

function asRead(part: Part): Part {
  switch (part.kind) {
    case 'tool-call':
      return { ...withoutItem(part), argumentsText: canonical(part.argumentsText) };
    case 'tool-result':
      return { ...part, parts: part.parts.map(asRead) };
    case 'text':
    case 'refusal':
    case 'reasoning':
    case 'media':
    case 'opaque':
      return part;
  }
}

function withoutItem({ itemId: _, ...call }: ToolCallPart): ToolCallPart {
  return call;
}

function canonical(argumentsText: string): string {
  if (argumentsText.trim() === '') return '{}';
  const value = parseJson(argumentsText);
  return isJsonObject(value) ? JSON.stringify(value) : argumentsText;
}
