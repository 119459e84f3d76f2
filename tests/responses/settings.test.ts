import OpenAI from 'openai';
import { expect, test } from 'vitest';
import { startTestServer } from '../support/test-server.ts';
import type { TestServer } from '../support/test-server.ts';

// What the operator says of keeping responses.

async function serverWith(responses: object): Promise<{ readonly server: TestServer; readonly openai: OpenAI }> {
  const server = await startTestServer({ settings: { engine: { enabled: false }, scripted: { enabled: true }, responses } });
  return { server, openai: new OpenAI({ baseURL: `${server.url}/v1`, apiKey: server.key, maxRetries: 0 }) };
}

test('with responses.keep_days 0 nothing is kept, and who asks for it is told', async () => {
  const { server, openai } = await serverWith({ keep_days: 0 });
  try {
    const unasked = await openai.responses.create({ model: 'scripted/hello', input: 'Hi' });
    expect(unasked).toMatchObject({ store: false });
    expect(unasked).not.toHaveProperty('notices');
    const asked = await openai.responses.create({ model: 'scripted/hello', input: 'Hi', store: true });
    expect(asked).toMatchObject({ store: false, notices: [{ code: 'ignored', path: 'store' }] });
    const streamed = await openai.responses.stream({ model: 'scripted/hello', input: 'Hi', store: true }).finalResponse();
    expect(streamed).toMatchObject({ notices: [{ code: 'ignored', path: 'store' }] });
    for (const { id } of [unasked, asked, streamed]) {
      await expect(openai.responses.retrieve(id)).rejects.toMatchObject({ status: 404 });
    }
    await expect(openai.responses.create({ model: 'scripted/hello', input: 'Hi', background: true })).rejects.toMatchObject({
      status: 400,
      param: 'background',
    });
    await expect(openai.conversations.create({})).rejects.toMatchObject({ status: 400 });
  } finally {
    await server.stop();
  }
});

test('with responses.store_by_default false only what a request asks for is kept', async () => {
  const { server, openai } = await serverWith({ store_by_default: false });
  try {
    const unasked = await openai.responses.create({ model: 'scripted/hello', input: 'Hi' });
    await expect(openai.responses.retrieve(unasked.id)).rejects.toMatchObject({ status: 404 });
    const asked = await openai.responses.create({ model: 'scripted/hello', input: 'Hi', store: true });
    expect(await openai.responses.retrieve(asked.id)).toMatchObject({ id: asked.id, store: true });
    // What runs in the background is of no use unless it is kept.
    const queued = await openai.responses.create({ model: 'scripted/hello', input: 'Hi', background: true });
    expect(await openai.responses.retrieve(queued.id)).toMatchObject({ id: queued.id });
  } finally {
    await server.stop();
  }
});

test('what is asked to be included is there', async () => {
  const { server, openai } = await serverWith({});
  try {
    const include: OpenAI.Responses.ResponseIncludable[] = ['message.output_text.logprobs', 'reasoning.encrypted_content'];
    const told = await openai.responses.create({ model: 'scripted/logprobs', input: 'Hi', include, top_logprobs: 2 });
    const [message] = told.output;
    const content = message?.type === 'message' ? message.content[0] : undefined;
    const logprobs = content?.type === 'output_text' ? (content.logprobs ?? []) : [];
    expect(logprobs[0]?.top_logprobs).toHaveLength(2);
    const thought = await openai.responses.create({ model: 'scripted/thinking', input: 'Hi', include, store: false });
    expect(thought.output[0]).toMatchObject({ type: 'reasoning', encrypted_content: expect.any(String) });
    expect(thought).not.toHaveProperty('notices');
    const plain = await openai.responses.create({ model: 'scripted/thinking', input: 'Hi' });
    expect(plain.output[0]).not.toHaveProperty('encrypted_content');
  } finally {
    await server.stop();
  }
});
