import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Part } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { Turn } from '../../model/turn.ts';
import { lawRuns } from '../../../tests/support/arbitraries/fuzz-runs.ts';
import { generateRequest } from '../../../tests/support/arbitraries/requests.ts';
import { openaiChat } from './openai-chat.ts';

const { readRequest } = openaiChat.server;
const { writeRequest } = openaiChat.client;
const requests = generateRequest('openai-chat');

describe('read after write', () => {
  test('is the request itself where the writer gave no notice', () => {
    let silent = 0;
    fc.assert(
      fc.property(requests, (request) => {
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
        const told = new Set(notices.map((notice) => notice.path.split('.')[0]));
        const { turns, ...rest } = again;
        const { turns: _, ...wantedRest } = wanted;
        if (
          !['', 'audio', 'stream_options'].some((path) => told.has(path)) &&
          !notices.some((notice) => notice.path.startsWith('tools'))
        ) {
          expect(rest).toEqual(wantedRest);
        }
        const unchanged = request.turns.filter((_turn, index) => !told.has(`messages[${index}]`));
        for (const turn of unchanged.flatMap(splitResults)) expect(turns).toContainEqual(turn);
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

  test('keeps the parts of a turn in their order, but for moves that a notice tells', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const { body, notices } = writeRequest(request);
        if (notices.some((notice) => notice.code === 'moved')) return;
        const order = textsOf(readRequest(body).turns);
        expect(order).toEqual(textsOf(request.turns));
      }),
      { numRuns: lawRuns },
    );
  });
});

/** All words of a conversation, in order. Calls that a server ran and results in their turn are dropped by a notice. */
function textsOf(turns: readonly Turn[]): readonly string[] {
  return turns.flatMap((turn) => turn.parts.flatMap((part) => wordsOf(part)));
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

/** The losses that are listed as going without a notice: split turns, `ok`, `itemId`; a message has one place for what a turn and its one result carry. */
function withoutUntoldLosses(request: GenerateRequest): GenerateRequest {
  return { ...request, turns: request.turns.flatMap(splitResults) };
}

function splitResults(turn: Turn): readonly Turn[] {
  if (turn.role === 'assistant') return [{ ...turn, parts: turn.parts.map(plainCall) }];
  const results = turn.parts.filter((part) => part.kind === 'tool-result');
  const others = turn.parts.filter((part) => part.kind !== 'tool-result');
  const { parts: _, role: __, ...head } = turn;
  const split = results.map((part, index): Turn => {
    const { outcome, carry, ...result } = part;
    const named = index === 0 && others.length === 0 ? head : {};
    const fields = { ...named.carry?.fields, ...carry?.fields };
    const carried = Object.keys(fields).length === 0 ? {} : { carry: { protocol: 'openai-chat' as const, fields } };
    return { role: 'tool', parts: [{ ...result, ...(outcome === 'error' ? { outcome } : {}) }], ...named, ...carried };
  });
  return others.length === 0 && results.length > 0 ? split : [...split, { ...turn, parts: others }];
}

function plainCall(part: Part): Part {
  if (part.kind !== 'tool-call') return part;
  const { itemId: _, ...call } = part;
  return call;
}
