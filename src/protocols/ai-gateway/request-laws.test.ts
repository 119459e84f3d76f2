import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Part } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { RoutingPreferences } from '../../model/routing-preferences.ts';
import type { Turn } from '../../model/turn.ts';
import { word } from '../../../tests/support/arbitraries/basics.ts';
import { lawRuns } from '../../../tests/support/arbitraries/fuzz-runs.ts';
import { generateRequest } from '../../../tests/support/arbitraries/requests.ts';
import { aiGateway } from './ai-gateway.ts';

const attributed: fc.Arbitrary<Pick<GenerateRequest, 'attribution'>> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  fc
    .record({ user: word, tags: fc.array(word, { maxLength: 3 }) }, { requiredKeys: [], noNullPrototype: true })
    .filter((told) => Object.keys(told).length > 0)
    .map((attribution) => ({ attribution })),
);
const requests = fc
  .tuple(generateRequest('ai-gateway'), attributed)
  .map(([request, told]): GenerateRequest => ({ ...request, ...told }));

describe.each([3, 4] as const)('read after write, specification %i', (version) => {
  const { readRequest } = aiGateway(version).server;
  const { writeRequest } = aiGateway(version).client;

  test('is the request itself where the writer gave no notice', () => {
    let silent = 0;
    fc.assert(
      fc.property(requests.map(withOneAnswer), (request) => {
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
        const told = new Set(notices.map((notice) => notice.path.split('.')[0]));
        const { turns, ...rest } = readRequest(body);
        const { turns: _, ...wanted } = withoutUntoldLosses(request);
        const isTold = [...told].some((path) => path !== undefined && !path.startsWith('messages'));
        if (!isTold) expect(rest).toEqual(wanted);
        const unchanged = request.turns.filter((_turn, index) => !told.has(`messages[${index}]`));
        for (const turn of unchanged.flatMap(inRuns)) expect(turns).toContainEqual(turn);
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

  test('keeps the parts of a conversation in their order', () => {
    fc.assert(
      fc.property(requests, (request) => {
        expect(textsOf(readRequest(writeRequest(request).body).turns)).toEqual(textsOf(request.turns));
      }),
      { numRuns: lawRuns },
    );
  });

  test('keeps the wishes about who answers, and for whom, that it has words for', () => {
    const routing: RoutingPreferences = {
      saidAt: 'providerOptions.gateway',
      models: ['a', 'b'],
      order: ['x'],
      only: ['x', 'y'],
      sort: 'throughput',
      zeroDataRetention: true,
      noTraining: true,
      providerTimeoutsMs: { x: 15_000 },
      ownKeys: { x: ['key-1', 'key-2'], y: ['key-3'] },
    };
    const attribution = { user: 'ann', tags: ['chat', 'team:a', 'chat'] };
    const request: GenerateRequest = { ...hello, routing, attribution };
    const { body, notices } = writeRequest(request);
    expect(notices).toEqual([]);
    expect(readRequest(body)).toMatchObject({ routing, attribution });
    expect(body['providerOptions']).toMatchObject({
      gateway: {
        disallowPromptTraining: true,
        byok: { x: [{ apiKey: 'key-1' }, { apiKey: 'key-2' }], y: [{ apiKey: 'key-3' }] },
        providerTimeouts: { byok: { x: 15_000 } },
        ...attribution,
      },
    });
    const more = writeRequest({ ...hello, routing: { ...routing, ignore: ['z'], dataCollection: 'deny', sort: 'exacto' } });
    expect(more.notices).toEqual([expect.objectContaining({ code: 'dropped', path: 'providerOptions.gateway' })]);
  });
});

const hello: GenerateRequest = {
  model: 'm',
  turns: [{ role: 'user', parts: [{ kind: 'text', text: 'hi' }] }],
  tools: [],
  sampling: {},
  limits: {},
  thinking: { kind: 'unsaid' },
  form: { kind: 'unsaid' },
  delivery: { kind: 'stream' },
};

/** Without what every second request says and this protocol never can. */
function withOneAnswer(request: GenerateRequest): GenerateRequest {
  const { answers: _, ...rest } = request;
  return rest;
}

/** All words of a conversation, in order. */
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
      return [part.callId, part.argumentsText];
    case 'tool-result':
      return [part.callId, ...part.parts.flatMap(wordsOf)];
    case 'media':
    case 'opaque':
      return [];
  }
}

/** The losses that are listed as going without a notice. */
function withoutUntoldLosses(request: GenerateRequest): GenerateRequest {
  const { answers: _, delivery, ...rest } = request;
  return {
    ...rest,
    turns: request.turns.flatMap(inRuns),
    tools: request.tools.map((tool) => ({ ...tool, parameters: tool.parameters ?? { type: 'object', properties: {} } })),
    delivery: delivery.kind === 'stream' ? { kind: 'stream' } : { kind: 'whole', said: true },
  };
}

/** A turn cut where results of tools begin and end; an output that is no error is well. */
function inRuns(turn: Turn): readonly Turn[] {
  const told = turn.parts.map(withOutcome);
  if (turn.role !== 'user' && turn.role !== 'tool') return [{ ...turn, parts: told }];
  const runs: { readonly role: 'user' | 'tool'; readonly parts: Part[] }[] = [];
  for (const part of told) {
    const role = part.kind === 'tool-result' ? 'tool' : 'user';
    const last = runs.at(-1);
    if (last?.role === role) last.parts.push(part);
    else runs.push({ role, parts: [part] });
  }
  const [first = { role: turn.role, parts: [] }, ...others] = runs;
  return [{ ...turn, ...first }, ...others];
}

function withOutcome(part: Part): Part {
  return part.kind === 'tool-result' ? { ...part, outcome: part.outcome ?? 'ok' } : part;
}
