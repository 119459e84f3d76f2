import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer } from '../support/test-server.ts';
import type { TestServer } from '../support/test-server.ts';

// Conversations, counting and compacting, with both lines of OpenAI's client.

const settings = { engine: { enabled: false }, scripted: { enabled: true } };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ settings });
});
afterAll(() => server.stop());

describe.each(['openai', 'openai-6'])('%s', (specifier) => {
  let openai: OpenAI;
  beforeAll(async () => {
    const { default: Client }: { readonly default: typeof OpenAI } = await import(specifier);
    openai = new Client({ baseURL: `${server.url}/v1`, apiKey: server.key, maxRetries: 0 });
  });

  test('a conversation is made, described, found and removed', async () => {
    const { id } = await openai.conversations.create({ metadata: { topic: 'rain' } });
    expect(id).toMatch(/^conv_/);
    expect(await openai.conversations.retrieve(id)).toMatchObject({ id, object: 'conversation', metadata: { topic: 'rain' } });
    expect(await openai.conversations.update(id, { metadata: { topic: 'sun' } })).toMatchObject({ metadata: { topic: 'sun' } });
    expect(await openai.conversations.delete(id)).toEqual({ id, object: 'conversation.deleted', deleted: true });
    await expect(openai.conversations.retrieve(id)).rejects.toMatchObject({ status: 404 });
    await expect(openai.conversations.delete(id)).rejects.toMatchObject({ status: 404 });
  });

  test('responses go on from a conversation and are added to it', async () => {
    const items = [{ type: 'message' as const, role: 'user' as const, content: 'One' }];
    const { id } = await openai.conversations.create({ items });
    const first = await openai.responses.create({ model: 'scripted/echo', input: 'Two', conversation: id });
    expect(first).toMatchObject({ output_text: 'Two', conversation: { id } });
    const stream = openai.responses.stream({ model: 'scripted/echo', input: 'Three', conversation: { id } });
    const second = await stream.finalResponse();
    expect(second.usage?.input_tokens).toBeGreaterThan(first.usage?.input_tokens ?? 0);
    const listed = await Array.fromAsync(openai.conversations.items.list(id, { order: 'asc', limit: 2 }));
    const texts = listed.map((item) =>
      item.type === 'message' && 'text' in (item.content[0] ?? {}) ? item.content[0] : undefined,
    );
    expect(texts).toMatchObject([{ text: 'One' }, { text: 'Two' }, { text: 'Two' }, { text: 'Three' }, { text: 'Three' }]);
    const down = await Array.fromAsync(openai.conversations.items.list(id, { limit: 3 }));
    expect(down.map(({ id: item }) => item)).toEqual(listed.map(({ id: item }) => item).toReversed());
  });

  test('items are added, found, named by other inputs, and removed', async () => {
    const { id } = await openai.conversations.create({});
    const { data } = await openai.conversations.items.create(id, { items: [{ role: 'user', content: 'One' }] });
    const item = data[0]?.id ?? '';
    expect(await openai.conversations.items.retrieve(item, { conversation_id: id })).toMatchObject({ id: item, role: 'user' });
    const echoed = await openai.responses.create({ model: 'scripted/echo', input: [{ type: 'item_reference', id: item }] });
    expect(echoed.output_text).toBe('One');
    // The same item again is still one.
    await openai.conversations.items.create(id, { items: [{ type: 'item_reference', id: item }] });
    expect((await openai.conversations.items.list(id)).data).toHaveLength(1);
    expect(await openai.conversations.items.delete(item, { conversation_id: id })).toMatchObject({ id, object: 'conversation' });
    await expect(openai.conversations.items.retrieve(item, { conversation_id: id })).rejects.toMatchObject({ status: 404 });
    await expect(openai.conversations.items.delete(item, { conversation_id: id })).rejects.toMatchObject({ status: 404 });
  });

  test('a response in the background is added to its conversation once it has ended', async () => {
    const { id } = await openai.conversations.create({});
    await openai.responses.create({ model: 'scripted/echo', input: 'One', conversation: id, background: true });
    const length = async (): Promise<number> => (await openai.conversations.items.list(id)).data.length;
    await expect.poll(length, { timeout: 10_000 }).toBe(2);
  });

  test('what is wrong is refused with its path', async () => {
    const hello = { model: 'scripted/hello', input: 'Hi' };
    await expect(openai.responses.create({ ...hello, conversation: 'conv_unknown' })).rejects.toMatchObject({
      status: 404,
      param: 'conversation',
    });
    const { id } = await openai.conversations.create({});
    await expect(openai.responses.create({ ...hello, conversation: id, store: false })).rejects.toMatchObject({ param: 'store' });
    await expect(openai.responses.create({ ...hello, conversation: id, previous_response_id: 'resp_1' })).rejects.toMatchObject({
      param: 'previous_response_id',
    });
    const broken = JSON.parse('{"items":[{"role":"user","content":7}]}');
    await expect(openai.conversations.items.create(id, broken)).rejects.toMatchObject({ status: 400, param: 'items[0].content' });
    const many = Array.from({ length: 21 }, () => ({ role: 'user' as const, content: 'Hi' }));
    await expect(openai.conversations.items.create(id, { items: many })).rejects.toMatchObject({ status: 400, param: 'items' });
    await expect(openai.conversations.create({ metadata: JSON.parse('{"a":1}') })).rejects.toMatchObject({ param: 'metadata.a' });
    await expect(openai.conversations.items.list(id, { limit: 101 })).rejects.toMatchObject({ param: 'limit' });
    await expect(openai.conversations.items.list(id, { after: 'msg_unknown' })).rejects.toMatchObject({ param: 'after' });
  });

  test('another account finds nothing of a conversation', async () => {
    const { id } = await openai.conversations.create({ items: [{ role: 'user', content: 'One' }] });
    const accountId = `stranger to ${specifier}`;
    await server.server.home.ledger.openAccount({ id: accountId, limit: 'none' });
    const { secret } = await server.server.home.access.create({ name: accountId, accountId });
    const stranger = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: secret, maxRetries: 0 });
    const notFound = { status: 404 };
    await expect(stranger.conversations.retrieve(id)).rejects.toMatchObject(notFound);
    await expect(stranger.conversations.update(id, { metadata: {} })).rejects.toMatchObject(notFound);
    await expect(stranger.conversations.items.list(id)).rejects.toMatchObject(notFound);
    await expect(stranger.conversations.items.create(id, { items: [{ role: 'user', content: 'x' }] })).rejects.toMatchObject(
      notFound,
    );
    await expect(stranger.conversations.delete(id)).rejects.toMatchObject(notFound);
    await expect(stranger.responses.create({ model: 'scripted/echo', input: 'x', conversation: id })).rejects.toMatchObject(
      notFound,
    );
  });

  test('the input of a response is counted, what came before it included, and nothing is charged', async () => {
    const before = await openai.responses.create({ model: 'scripted/hello', input: 'One' });
    const spent = async (): Promise<number> =>
      (await server.server.home.ledger.requestRecords({ accountId: 'local', limit: 1_000 })).length;
    const charged = await spent();
    const alone = await openai.responses.inputTokens.count({ model: 'scripted/hello', input: 'Two' });
    const behind = await openai.responses.inputTokens.count({
      model: 'scripted/hello',
      input: 'Two',
      previous_response_id: before.id,
    });
    expect(alone).toMatchObject({ object: 'response.input_tokens', input_tokens: expect.any(Number) });
    expect(behind.input_tokens).toBeGreaterThan(alone.input_tokens);
    expect(await spent()).toBe(charged);
    await expect(openai.responses.inputTokens.count({ input: 'Two' })).rejects.toMatchObject({ param: 'model' });
  });

  test('a conversation is compacted to the words of its user and one item, which the model reads again', async () => {
    const first = await openai.responses.create({ model: 'scripted/hello', input: 'One' });
    const compacted = await openai.responses.compact({ model: 'scripted/hello', input: 'Two', previous_response_id: first.id });
    expect(compacted).toMatchObject({
      object: 'response.compaction',
      output: [
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'One' }] },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Two' }] },
        { type: 'compaction', id: expect.stringMatching(/^cmp_/), encrypted_content: expect.any(String) },
      ],
      usage: { output_tokens: expect.any(Number) },
    });
    expect(await server.server.home.ledger.answerRecord(compacted.id)).toMatchObject({ outcome: 'complete' });
    const compaction = compacted.output.find((item) => item.type === 'compaction');
    const input = compaction === undefined ? [] : [compaction];
    // The scripted model answered "Hello from the script." to the wish for a summary.
    const counted = await openai.responses.inputTokens.count({ model: 'scripted/hello', input });
    expect(counted.input_tokens).toBeGreaterThan(5);
    const next = await openai.responses.create({
      model: 'scripted/echo',
      input: [...input, { role: 'user', content: 'Three' }],
    });
    expect(next.output_text).toBe('Three');
    expect(next).not.toHaveProperty('notices');
    await expect(openai.responses.compact({ model: 'scripted/hello' })).rejects.toMatchObject({ status: 400, param: 'input' });
  });
});
