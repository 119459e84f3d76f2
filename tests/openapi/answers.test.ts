import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Dialect } from '../../src/dialects/dialect.ts';
import { openaiEmbeddingsAbout } from '../../src/dialects/openai-embeddings/openai-embeddings-about.ts';
import { openaiEmbeddingsDialect } from '../../src/dialects/openai-embeddings/openai-embeddings-dialect.ts';
import type { DialectAbout } from '../../src/dialects/dialect-about.ts';
import { faults, FlashmuxError, type FaultCode } from '../../src/model/fault.ts';
import { parseJson } from '../../src/model/json.ts';
import { ref } from '../../src/model/json-schema.ts';
import type { Envelope } from '../../src/protocols/codec.ts';
import { scriptedBehaviours } from '../../src/providers/scripted/behaviours.ts';
import { answer, bill as bills, usage as usages } from '../support/arbitraries/answers.ts';
import { batchesOf, eventsOf } from '../support/arbitraries/events.ts';
import { lawRuns } from '../support/arbitraries/fuzz-runs.ts';
import { closed, SchemaChecker } from '../support/json-schema/schema-checker.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { eventsIn } from './events-in.ts';
import { speakers } from './speakers.ts';

const envelope: Envelope = {
  id: 'gen_1',
  requestId: 'req_1',
  createdAt: 1_770_000_000,
  model: 'm',
  provider: 'p',
  inputTokens: 7,
  creditsPerUsd: 2_000_000n,
};

/** Answers without what hosts of the same wire add, which no schema knows, and with a bill as the exchange sends it. */
const answers = fc
  .tuple(answer('openai-chat', ['body', 'choice', 'message']), usages, bills)
  .map(([said, usage, bill]) => ({ ...said, carried: [], usage, bill }));

describe.each(speakers)('what $dialect.name writes', ({ dialect, call }) => {
  const { schemas } = aboutOf(dialect);
  const checker = new SchemaChecker(closed(schemas.definitions));
  const request = (isStream: boolean) => {
    const { body, headers = {} } = call('m', isStream);
    return dialect.readRequest({ body, headers, parameters: { model: 'm' } });
  };

  test('is told by the schema of its answers, and nothing more is written', () => {
    fc.assert(
      fc.property(answers, (said) => {
        const body = parseJson(JSON.stringify(dialect.answers.writeAnswer(said, envelope, request(false)))) ?? null;
        expect(checker.complaint(ref(schemas.answer), body)).toBeUndefined();
      }),
      { numRuns: lawRuns },
    );
  });

  test('is told by the schema of its events, and nothing more is written', () => {
    const streamed = answers.chain((said) => eventsOf(said).chain((events) => batchesOf(events)));
    fc.assert(
      fc.property(streamed, fc.boolean(), (batches, fails) => {
        const writer = dialect.answers.streamWriter(envelope, request(true));
        const last = fails ? writer.fault(new FlashmuxError('upstream_failed', 'x')) : writer.end();
        const text = batches.map((batch) => writer.write(batch)).join('') + last;
        for (const event of eventsIn(text))
          expect(checker.complaint(ref(schemas.event), event), JSON.stringify(event)).toBeUndefined();
      }),
      { numRuns: lawRuns },
    );
  });

  test('is told by the schema of its errors, for every row of the fault table', () => {
    for (const code of Object.keys(faults).filter((name): name is FaultCode => name in faults)) {
      for (const details of [{}, { param: 'model' }, { upstream: { status: 500, provider: 'p', body: { error: 'x' } } }]) {
        const body = parseJson(JSON.stringify(dialect.writeFault(new FlashmuxError(code, 'x', details), 'req_1'))) ?? null;
        expect(checker.complaint(ref(schemas.fault), body)).toBeUndefined();
      }
    }
  });
});

test('vectors are told by the schema of embeddings, and nothing more is written', () => {
  const { definitions, answer: name } = openaiEmbeddingsAbout;
  const checker = new SchemaChecker(closed(definitions));
  const vectors = fc.array(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }), { minLength: 1 });
  fc.assert(
    fc.property(answers, vectors, fc.constantFrom('float', 'base64'), ({ usage, bill, notices }, list, encoding) => {
      const head = { id: 'gen_1', model: 'm', provider: 'p', creditsPerUsd: 2_000_000n };
      const body = openaiEmbeddingsDialect.writeAnswer({ ...head, vectors: list, usage, bill, notices, encoding });
      expect(checker.complaint(ref(name), parseJson(JSON.stringify(body)) ?? null)).toBeUndefined();
    }),
    { numRuns: lawRuns },
  );
});

/** They end only with the caller's patience. */
const endless = new Set(['stall', 'slow-tokens', 'slow-first-token']);
const patienceMs = 60_000;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ settings: { engine: { enabled: false } }, store: 'memory' });
});
afterAll(() => server.stop());

describe.each(speakers)('what the running server answers in $dialect.name', ({ dialect, call }) => {
  const { schemas } = aboutOf(dialect);
  const checker = new SchemaChecker(closed(schemas.definitions));

  test.each(scriptedBehaviours.map(({ name }) => name).filter((name) => !endless.has(name)))(
    'is told by the schemas for %s',
    async (name) => {
      for (const isStream of [false, true]) {
        const { path, body, headers } = call(`scripted/${name}`, isStream);
        const reply = await fetch(server.url + path, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${server.key}`, ...headers },
          body: JSON.stringify(body),
          signal: AbortSignal.timeout(patienceMs),
        });
        const text = await reply.text();
        const isEvents = reply.headers.get('content-type')?.startsWith('text/event-stream') === true;
        expect(isEvents, text).toBe(isStream && reply.ok);
        const told = isEvents ? eventsIn(text) : [parseJson(text) ?? null];
        expect(told.length).toBeGreaterThan(0);
        const schema = ref(isEvents ? schemas.event : reply.ok ? schemas.answer : schemas.fault);
        for (const one of told) expect(checker.complaint(schema, one), JSON.stringify(one)).toBeUndefined();
      }
    },
  );
});

function aboutOf({ about, name }: Dialect): DialectAbout {
  if (about === undefined) throw new Error(`${name} has no schemas`);
  return about;
}
