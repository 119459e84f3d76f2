import OpenAI from 'openai';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeDatabase } from '../support/postgres/database.ts';
import type { TestDatabase } from '../support/postgres/database.ts';
import { startTestServer } from '../support/test-server.ts';
import type { TestServer } from '../support/test-server.ts';

// Two servers on one database: what one of them runs or keeps, the other sees, continues and cancels.

const pepper = '5a'.repeat(32);

let database: TestDatabase;
let replicas: TestServer[];

beforeEach(async () => {
  replicas = [];
  database = await makeDatabase();
});
afterEach(async () => {
  await Promise.all(replicas.map((replica) => replica.stop()));
  await database.drop();
});

async function startReplica(): Promise<TestServer> {
  const settings = { engine: { enabled: false }, database: { url: database.url, pepper } };
  const replica = await startTestServer({ settings });
  replicas.push(replica);
  return replica;
}

/** The same key at both: they share it. */
async function twoClients(): Promise<readonly [OpenAI, OpenAI]> {
  const [one, other] = [await startReplica(), await startReplica()];
  const clientOf = ({ url }: TestServer): OpenAI => new OpenAI({ baseURL: `${url}/v1`, apiKey: one.key, maxRetries: 0 });
  return [clientOf(one), clientOf(other)];
}

test('a response that one server kept is gone on from at the other', async () => {
  const [one, other] = await twoClients();
  const first = await one.responses.create({ model: 'scripted/echo', input: 'One' });
  const second = await other.responses.create({ model: 'scripted/echo', input: 'Two', previous_response_id: first.id });
  expect(second.output_text).toBe('Two');
  expect(await one.responses.retrieve(second.id)).toMatchObject({ previous_response_id: first.id });
  const { id } = await one.conversations.create({ items: [{ role: 'user', content: 'One' }] });
  await other.responses.create({ model: 'scripted/echo', input: 'Two', conversation: id });
  expect((await one.conversations.items.list(id)).data).toHaveLength(3);
});

test('a response in the background is watched and cancelled from the other server', async () => {
  const [one, other] = await twoClients();
  const { id } = await one.responses.create({ model: 'scripted/stall', input: 'Hi', background: true });
  await expect.poll(async () => (await other.responses.retrieve(id)).status, { timeout: 10_000 }).toBe('in_progress');
  const stream = await other.responses.retrieve(id, { stream: true });
  const texts: string[] = [];
  const reading = async (): Promise<void> => {
    for await (const event of stream) {
      if (event.type !== 'response.output_text.delta') continue;
      texts.push(event.delta);
      await other.responses.cancel(id);
    }
  };
  await expect(reading()).rejects.toThrow('cancelled');
  expect(texts).toEqual(['Wait']);
  // The server that runs it has found out by itself.
  await expect.poll(() => replicas[0]?.server.inFlight(), { timeout: 5_000 }).toBe(0);
  expect(await one.responses.retrieve(id)).toMatchObject({ status: 'cancelled' });
});

test('the stream of a response that the other server runs is whole', async () => {
  const [one, other] = await twoClients();
  const { id } = await one.responses.create({ model: 'scripted/slow-tokens', input: 'Hi', background: true });
  const events = await Array.fromAsync(await other.responses.retrieve(id, { stream: true }));
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, number) => number));
  expect(events.at(-1)).toMatchObject({ type: 'response.completed', response: { id, status: 'completed' } });
  expect(await other.responses.retrieve(id)).toMatchObject({ status: 'completed', output_text: 'Hello from the script.' });
});

test('a response whose server died is failed by one that lives, and whoever watches it is told', async () => {
  const living = await startReplica();
  const client = new OpenAI({ baseURL: `${living.url}/v1`, apiKey: living.key, maxRetries: 0 });
  const queued = await client.responses.create({ model: 'scripted/hello', input: 'Hi', background: true });
  await expect.poll(async () => (await client.responses.retrieve(queued.id)).status, { timeout: 10_000 }).toBe('completed');
  // As a process leaves it that is killed: still running, under an epoch that the others have buried.
  await database.run(
    `INSERT INTO epochs (id, process_id, host, started_at, beats, ended_at) VALUES ('dead', 1, 'gone', 1, 1, 2)`,
  );
  await database.run(`UPDATE responses SET status = 'in_progress', epoch_id = 'dead', object_json = replace(object_json,
    '"status":"completed"', '"status":"queued"') WHERE id = '${queued.id}'`);
  await database.run(`DELETE FROM response_events`);
  const watching = client.responses.retrieve(queued.id, { stream: true }).then((stream) => Array.fromAsync(stream));
  // The next server to start looks at once; the others look every 30 seconds.
  await startReplica();
  const told = await watching;
  expect(told.at(-1)).toMatchObject({ type: 'response.failed', response: { id: queued.id, status: 'failed' } });
  expect(await client.responses.retrieve(queued.id)).toMatchObject({ status: 'failed', error: { code: 'server_error' } });
});
