import { describe, expect, test } from 'vitest';
import { fuzzRuns } from '../support/arbitraries/fuzz-runs.ts';
import { answerLosses } from './answer-losses.ts';
import { judge, wrongExplanations } from './explanation.ts';
import { measurePair } from './measure.ts';
import { pairs, wires } from './protocols.ts';
import { requestDifferences } from './request-differences.ts';
import { requestLosses } from './request-losses.ts';

/** `npm run test:matrix` runs 10,000 of each kind and writes down what it saw. */
const runs = Math.max(150, Math.floor(fuzzRuns / 20));

describe.each(pairs.map(([from, to]) => [from.name, to.name, from, to] as const))('from %s to %s and back', (_, __, from, to) => {
  test('every loss stands in the table and is told where that is due, and ordinary conversations lose nothing', () => {
    const { requests, answers } = measurePair(from, to, { runs });
    for (const { ordinary, any } of [requests, answers]) {
      expect(Object.keys(any.losses).length).toBeGreaterThan(0);
      expect(ordinary.same + ordinary.quiet).toBe(ordinary.runs);
    }
  });
});

test.each(wires.map((wire) => [wire.name, wire] as const))('each explanation names a row of the losses of %s', (name, wire) => {
  expect(wrongExplanations(requestLosses[name] ?? [], wire, 'request')).toEqual([]);
  expect(wrongExplanations(answerLosses[name] ?? [], wire, 'answer')).toEqual([]);
});

describe('the judge', () => {
  const { client, server } = wires[0] ?? fail();
  const request = server.readRequest({ model: 'm', seed: 1, messages: [{ role: 'user', content: 'one ~1~' }] });
  const table = requestLosses['openai-chat'] ?? [];

  test('finds nothing in what came back as it was', () => {
    expect(requestDifferences(request, server.readRequest(client.writeRequest(request).body))).toEqual([]);
  });

  test('finds a word that is gone, one that was added, and a parameter that is another', () => {
    const [turn = fail()] = request.turns;
    const other = {
      ...request,
      sampling: { seed: 2 },
      turns: [{ ...turn, parts: [{ kind: 'text' as const, text: 'two ~2~' }] }],
    };
    const found = requestDifferences(request, other);
    expect(found.map(({ what }) => what)).toEqual(['sampling.seed', 'text.dropped (user)', 'text.added']);
    expect(judge(found, [], table).unexplained).toHaveLength(3);
  });

  test('finds parts in another order', () => {
    const parts = ['a ~1~', 'b ~2~', 'c ~3~'].map((text) => ({ kind: 'text' as const, text }));
    const before = { ...request, turns: [{ role: 'user' as const, parts }] };
    const after = { ...request, turns: [{ role: 'user' as const, parts: parts.toReversed() }] };
    expect(requestDifferences(before, after).map(({ what }) => what)).toEqual(['text.order', 'text.order']);
  });

  test('takes no notice of another place for the one that is due', () => {
    const lost = { what: 'tool-call.cacheMark', path: 'messages[1].content[0]' };
    const message = 'Chat completions have no cache mark on a tool call.';
    expect(judge([lost], [{ code: 'dropped', path: 'messages[1].content[1]', message }], table).unexplained).toHaveLength(1);
    expect(judge([lost], [{ code: 'dropped', path: 'messages[1].content[0]', message }], table).unexplained).toEqual([]);
  });
});

function fail(): never {
  throw new Error('there is none');
}
