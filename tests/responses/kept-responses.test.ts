import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer } from '../support/test-server.ts';
import type { TestServer } from '../support/test-server.ts';

// Responses that are kept and gone on from, with both lines of OpenAI's client, on both stores that need no server of their own.

const settings = { engine: { enabled: false }, scripted: { enabled: true } };

/** Both lines are in use. The older one is loaded by name, so that the types of the newer serve for both. */
async function clientClass(specifier: string): Promise<typeof OpenAI> {
  const module: { readonly default: typeof OpenAI } = await import(specifier);
  return module.default;
}

describe.each([
  ['openai', 'owner'],
  ['openai-6', 'memory'],
] as const)('%s on a store of kind %s', (specifier, store) => {
  let server: TestServer;
  let openai: OpenAI;
  beforeAll(async () => {
    server = await startTestServer({ settings, store });
    const Client = await clientClass(specifier);
    openai = new Client({ baseURL: `${server.url}/v1`, apiKey: server.key, maxRetries: 0 });
  });
  afterAll(() => server.stop());

  test('a response is found again by its id, as it was told', async () => {
    const created = await openai.responses.create({ model: 'scripted/hello', input: 'Hi', metadata: { topic: 'greeting' } });
    expect(created.id).toMatch(/^resp_/);
    expect(created).toMatchObject({ status: 'completed', store: true, output_text: 'Hello from the script.' });
    const found = await openai.responses.retrieve(created.id);
    expect(found).toMatchObject({ ...created, output_text: 'Hello from the script.', metadata: { topic: 'greeting' } });
  });

  test('a response goes on from an earlier one, whose instructions do not hold for it', async () => {
    const first = await openai.responses.create({ model: 'scripted/echo', input: 'One', instructions: 'Shout.' });
    const second = await openai.responses.create({ model: 'scripted/echo', input: 'Two', previous_response_id: first.id });
    const third = await openai.responses.create({ model: 'scripted/echo', input: 'Three', previous_response_id: second.id });
    expect(second).toMatchObject({ previous_response_id: first.id, instructions: null });
    expect(first.usage?.input_tokens).toBeLessThan(second.usage?.input_tokens ?? 0);
    expect(second.usage?.input_tokens).toBeLessThan(third.usage?.input_tokens ?? 0);
    // The third: two words of the user and two of the model stand before its own.
    expect(third.output_text).toBe('Three');
  });

  test('the stream helper ends with the response that is kept', async () => {
    const streamed = await openai.responses.stream({ model: 'scripted/thinking', input: 'Hi' }).finalResponse();
    const found = await openai.responses.retrieve(streamed.id);
    expect(found).toMatchObject({ status: 'completed', output_text: 'Hello from the script.' });
    expect(found.output).toEqual(streamed.output.map((item) => expect.objectContaining({ id: item.id, type: item.type })));
  });

  test('a call of a tool is answered through the response that made it', async () => {
    const weather = {
      type: 'function' as const,
      name: 'weather',
      parameters: { type: 'object', properties: { city: { type: 'string' } } },
      strict: false,
    };
    const asked = await openai.responses.create({ model: 'scripted/parallel-tools', input: 'Weather?', tools: [weather] });
    const calls = asked.output.filter((item) => item.type === 'function_call');
    expect(calls).toHaveLength(2);
    const results = calls.map(({ call_id }) => ({ type: 'function_call_output' as const, call_id, output: 'rain' }));
    const told = await openai.responses.create({
      model: 'scripted/parallel-tools',
      input: results,
      tools: [weather],
      previous_response_id: asked.id,
    });
    expect(told.output_text).toBe('The tool said: rain');
  });

  test('the input of a response is listed, each item with an id', async () => {
    const { id } = await openai.responses.create({
      model: 'scripted/hello',
      input: [
        { role: 'user', content: 'One' },
        { role: 'assistant', content: 'Two' },
        { role: 'user', content: [{ type: 'input_text', text: 'Three' }] },
      ],
    });
    const down = await Array.fromAsync(openai.responses.inputItems.list(id, { limit: 2 }));
    expect(down.map((item) => ('content' in item ? item.content : undefined))).toEqual([
      [{ type: 'input_text', text: 'Three' }],
      [{ type: 'output_text', text: 'Two', annotations: [] }],
      [{ type: 'input_text', text: 'One' }],
    ]);
    const up = await openai.responses.inputItems.list(id, { order: 'asc', limit: 1 });
    expect(up.data[0]).toMatchObject({ type: 'message', role: 'user', status: 'completed', id: expect.stringMatching(/^msg_/) });
  });

  test('a removed response is not there, and nothing goes on from it', async () => {
    const { id } = await openai.responses.create({ model: 'scripted/hello', input: 'Hi' });
    const next = await openai.responses.create({ model: 'scripted/hello', input: 'Hi', previous_response_id: id });
    await openai.responses.delete(id);
    await expect(openai.responses.retrieve(id)).rejects.toMatchObject({ status: 404 });
    await expect(openai.responses.delete(id)).rejects.toMatchObject({ status: 404 });
    for (const previous_response_id of [id, next.id, 'resp_unknown']) {
      await expect(openai.responses.create({ model: 'scripted/hello', input: 'Hi', previous_response_id })).rejects.toMatchObject(
        {
          status: 400,
          code: 'previous_response_not_found',
          param: 'previous_response_id',
        },
      );
    }
  });

  test('store: false leaves nothing behind', async () => {
    const response = await openai.responses.create({ model: 'scripted/hello', input: 'Hi', store: false });
    expect(response).toMatchObject({ store: false });
    await expect(openai.responses.retrieve(response.id)).rejects.toMatchObject({ status: 404, code: 'not_found' });
  });

  test('an item is named by its id in place of being sent again', async () => {
    const { output } = await openai.responses.create({ model: 'scripted/hello', input: 'Hi' });
    const [message] = output;
    const again = await openai.responses.create({
      model: 'scripted/echo',
      input: [
        { role: 'user', content: 'Hi' },
        { type: 'item_reference', id: message?.id ?? '' },
        { role: 'user', content: 'More' },
      ],
    });
    expect(again.output_text).toBe('More');
    const { data } = await openai.responses.inputItems.list(again.id);
    expect(data[1]).toMatchObject({ ...message });
    await expect(
      openai.responses.create({ model: 'scripted/echo', input: [{ type: 'item_reference', id: 'msg_unknown' }] }),
    ).rejects.toMatchObject({ status: 404, param: 'input[0]' });
  });

  test('what is wrong in an input is named by its place in the caller’s own items', async () => {
    const { id } = await openai.responses.create({ model: 'scripted/hello', input: 'Hi' });
    const wrong = { type: 'function_call_output' as const, call_id: 'call_nobody_made', output: 'x' };
    await expect(
      openai.responses.create({
        model: 'scripted/hello',
        input: [{ role: 'user', content: 'Hi' }, wrong],
        previous_response_id: id,
      }),
    ).rejects.toMatchObject({ status: 400, param: expect.stringMatching(/^input\[1\]/) });
  });

  test('another account finds nothing of it', async () => {
    const created = await openai.responses.create({ model: 'scripted/hello', input: 'Hi' });
    await server.server.home.ledger.openAccount({ id: 'stranger', limit: 'none' });
    const { secret } = await server.server.home.access.create({ name: 'stranger', accountId: 'stranger' });
    const stranger = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: secret, maxRetries: 0 });
    const hello = { model: 'scripted/hello', input: 'Hi' };
    const item = created.output[0]?.id ?? '';
    await expect(stranger.responses.retrieve(created.id)).rejects.toMatchObject({ status: 404 });
    await expect(stranger.responses.inputItems.list(created.id)).rejects.toMatchObject({ status: 404 });
    await expect(stranger.responses.delete(created.id)).rejects.toMatchObject({ status: 404 });
    await expect(stranger.responses.create({ ...hello, previous_response_id: created.id })).rejects.toMatchObject({
      code: 'previous_response_not_found',
    });
    await expect(stranger.responses.create({ ...hello, input: [{ type: 'item_reference', id: item }] })).rejects.toMatchObject({
      status: 404,
    });
    expect(await openai.responses.retrieve(created.id)).toMatchObject({ id: created.id });
  });

  test('a stored prompt is refused', async () => {
    await expect(openai.responses.create({ model: 'scripted/hello', prompt: { id: 'pmpt_1' } })).rejects.toMatchObject({
      status: 400,
      param: 'prompt',
    });
  });

  test('a stream that fails after it began is kept as failed', async () => {
    const ids: string[] = [];
    const reading = async (): Promise<void> => {
      const stream = await openai.responses.create({ model: 'scripted/error-mid-stream', input: 'Hi', stream: true });
      for await (const event of stream) if (event.type === 'response.created') ids.push(event.response.id);
    };
    await expect(reading()).rejects.toThrow();
    expect(await openai.responses.retrieve(ids[0] ?? '')).toMatchObject({ status: 'failed', error: { code: 'overloaded' } });
  });

  test('the same Idempotency-Key gives the same response, kept once', async () => {
    const send = (): Promise<OpenAI.Responses.Response> =>
      openai.responses.create({ model: 'scripted/hello', input: 'Hi' }, { headers: { 'idempotency-key': 'one order' } });
    const first = await send();
    const again = await send();
    expect(again.id).toBe(first.id);
    expect(await openai.responses.retrieve(first.id)).toMatchObject({ id: first.id });
  });
});
