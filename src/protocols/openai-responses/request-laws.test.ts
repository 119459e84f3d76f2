import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Part, ToolCallPart } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { Turn } from '../../model/turn.ts';
import { lawRuns } from '../../../tests/support/arbitraries/fuzz-runs.ts';
import { generateRequest } from '../../../tests/support/arbitraries/requests.ts';
import { openaiResponses } from './openai-responses.ts';

const { readRequest } = openaiResponses.server;
const { writeRequest } = openaiResponses.client;
const requests = generateRequest('openai-responses').map(withCalls);
/** Half of them without what this wire never says, so that enough requests pass in silence. */
const mixed = fc.oneof(requests, requests.map(sayable));

describe('read after write', () => {
  test('is the request itself where the writer gave no notice', () => {
    let silent = 0;
    fc.assert(
      fc.property(mixed, (request) => {
        const { body, notices } = writeRequest(request);
        if (notices.length > 0) return;
        silent += 1;
        expect(readRequest(body)).toEqual(withoutUntoldLosses(request));
      }),
      { numRuns: lawRuns * 2 },
    );
    expect(silent, 'cases without a notice').toBeGreaterThan(lawRuns / 20);
  });

  test('differs only where a notice names the place', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const { body, notices } = writeRequest(request);
        const { turns, ...rest } = readRequest(body);
        const { turns: _, ...wantedRest } = withoutUntoldLosses(request);
        const told = new Set(notices.map((notice) => notice.path.split('.')[0]));
        if ([...told].every((path) => path?.startsWith('messages') === true)) expect(rest).toEqual(wantedRest);
        const unchanged = request.turns.filter((turn, index) => turn.role !== 'assistant' && !told.has(`messages[${index}]`));
        for (const turn of unchanged.flatMap(splitTurn)) expect(turns).toContainEqual(turn);
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
        expect(notices).toEqual([]);
      }),
      { numRuns: lawRuns },
    );
  });

  test('keeps the parts of a conversation in their order, whatever the notices tell', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const { body } = writeRequest(request);
        expect(readRequest(body).turns.flatMap(wordsOfTurn)).toEqual(request.turns.flatMap(wordsOfTurn));
      }),
      { numRuns: lawRuns },
    );
  });
});

/** The results of a random conversation answer calls that no one made: a turn before all others makes them. */
function withCalls(request: GenerateRequest): GenerateRequest {
  const made = new Set<string>();
  const missing = new Set<string>();
  for (const part of request.turns.flatMap((turn) => (turn.role === 'assistant' || turn.parts.length > 0 ? turn.parts : []))) {
    if (part.kind === 'tool-call' && part.ranBy === 'caller') made.add(part.callId);
    if (part.kind === 'tool-result' && !made.has(part.callId)) missing.add(part.callId);
  }
  const calls = [...missing].map((callId): ToolCallPart => ({
    kind: 'tool-call',
    callId,
    name: 'f',
    argumentsText: '{}',
    ranBy: 'caller',
  }));
  return calls.length === 0 ? request : { ...request, turns: [{ role: 'assistant', parts: calls }, ...request.turns] };
}

function sayable(request: GenerateRequest): GenerateRequest {
  const { answers: _, prediction: __, audio: ___, modalities: ____, limits, ...rest } = request;
  const { answerTokens: _____, ...told } = limits;
  const turns = request.turns.map(({ role, parts }): Turn => ({ role, parts: parts.map(sayablePart) }));
  return { ...rest, limits: told, turns };
}

function sayablePart(part: Part): Part {
  const { cacheMark, ...rest } = part;
  return cacheMark === undefined || part.kind !== 'text' ? rest : { ...rest, cacheMark: { lifetimeSeconds: 1800 } };
}

/** All words of a conversation, in order. Calls that a server ran are dropped by a notice. */
function wordsOfTurn({ role, parts }: Turn): readonly string[] {
  return parts.flatMap((part) => (part.kind === 'tool-result' && role === 'assistant' ? [] : wordsOf(part)));
}

function wordsOf(part: Part): readonly string[] {
  switch (part.kind) {
    case 'text':
    case 'refusal':
      return [part.text];
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
  const { turns, answers: _, modalities: __, logprobs, delivery, ...rest } = request;
  const split = turns.flatMap(splitTurn).reduce<readonly Turn[]>((list, turn) => {
    const before = list.at(-1);
    if (turn.role !== 'assistant' || before?.role !== 'assistant') return [...list, turn];
    return [...list.slice(0, -1), { ...before, parts: [...before.parts, ...turn.parts] }];
  }, []);
  const { usage: ___, ...told } = { usage: undefined, ...delivery };
  return { ...rest, turns: split, delivery: told, ...(logprobs?.wanted === true ? { logprobs } : {}) };
}

/** A turn that is not the model's, as its items: each result one, and each run between them. Its first item has what the turn carries. */
function splitTurn(turn: Turn): readonly Turn[] {
  if (turn.role === 'assistant') return [turn];
  const { parts, carry, ...head } = turn;
  const items: Turn[] = [];
  for (const part of parts) {
    const before = items.at(-1);
    if (part.kind === 'tool-result') {
      const { outcome: _, ...result } = part;
      items.push({ role: 'tool', parts: [result] });
    } else if (before !== undefined && before.role !== 'tool')
      items[items.length - 1] = { ...before, parts: [...before.parts, part] };
    else items.push({ ...head, parts: [part] });
  }
  if (items.length === 0) return [turn];
  const [first, ...rest] = items;
  if (first === undefined || carry === undefined) return items;
  return [
    first.role === 'tool' ? { ...first, parts: first.parts.map((part) => carrying(part, carry.fields)) } : { ...first, carry },
    ...rest,
  ];
}

function carrying(part: Part, fields: NonNullable<Turn['carry']>['fields']): Part {
  return { ...part, carry: { protocol: 'openai-responses', fields: { ...fields, ...part.carry?.fields } } };
}
