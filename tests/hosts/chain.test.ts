import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isJsonObject, type JsonObject } from '../../src/model/json.ts';
import { languages, startChain, type Chain, type Language } from './chain.ts';

// A flashmux whose host is another flashmux, asked in each language: what the wire can say arrives, both ways.

let chain: Chain;
beforeAll(async () => {
  chain = await startChain();
});
afterAll(() => chain.stop());

const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Weather of a place',
    parameters: { type: 'object', properties: { place: { type: 'string' } } },
  },
};

function choicesOf(body: JsonObject): unknown {
  return body['choices'];
}

describe.each(languages)('answers through %s', (language) => {
  test.each([
    ['hello', {}],
    ['empty', {}],
    ['thinking', {}],
    ['tools', { tools: [weather] }],
    ['parallel-tools', { tools: [weather] }],
    ['usage-growing', {}],
    ['usage-twice', {}],
    ['long-1000', {}],
  ])('%s is the answer that the host behind gave, whole and with its usage', async (behaviour, more) => {
    const direct = await chain.ask(undefined, `scripted/${behaviour}`, more);
    const through = await chain.ask(language, `scripted/${behaviour}`, more);
    expect(direct.status).toBe(200);
    expect(through.status).toBe(200);
    expect(choicesOf(through.body)).toEqual(choicesOf(direct.body));
    expect(through.body['usage']).toMatchObject(tokensOf(direct.body));
  });

  test('thoughts between texts keep their place', async () => {
    const events = await streamed(language, 'scripted/thinking-after-text');
    expect(events.join('')).toBe('Well. (First I think about it. )Hello from the script.');
  });

  test('a stream says what the whole answer says', async () => {
    expect((await streamed(language, 'scripted/thinking')).join('')).toBe('(First I think about it. )Hello from the script.');
  });
});

/** Text as it came, thoughts in parentheses. */
async function streamed(language: Language, model: string): Promise<readonly string[]> {
  const openai = new OpenAI({ baseURL: `${chain.front.url}/v1`, apiKey: chain.front.key, maxRetries: 0 });
  const stream = await openai.chat.completions.create({
    model: `${language}/${model}`,
    messages: [{ role: 'user', content: 'hi' }],
    stream: true,
  });
  const said: string[] = [];
  let thought = '';
  const endThought = (): void => {
    if (thought !== '') said.push(`(${thought})`);
    thought = '';
  };
  for await (const { choices } of stream) {
    const delta: object = choices[0]?.delta ?? {};
    if ('reasoning_content' in delta && typeof delta.reasoning_content === 'string') thought += delta.reasoning_content;
    if (!('content' in delta) || typeof delta.content !== 'string' || delta.content === '') continue;
    endThought();
    said.push(delta.content);
  }
  endThought();
  return said;
}

function tokensOf({ usage }: JsonObject): JsonObject {
  if (usage === undefined || !isJsonObject(usage)) throw new Error('no usage');
  const { prompt_tokens: prompt = null, completion_tokens: completion = null, total_tokens: total = null } = usage;
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total };
}

describe('what only some languages can say of an answer', () => {
  test.each(['openai-compatible', 'openai-responses'] as const)(
    '%s: a refusal, log probabilities and citations',
    async (language) => {
      for (const behaviour of ['refusal', 'logprobs', 'citations']) {
        const more = behaviour === 'logprobs' ? { logprobs: true, top_logprobs: 2 } : {};
        const direct = await chain.ask(undefined, `scripted/${behaviour}`, more);
        const through = await chain.ask(language, `scripted/${behaviour}`, more);
        expect(choicesOf(through.body), behaviour).toEqual(choicesOf(direct.body));
      }
    },
  );

  test('anthropic-messages: a refusal is text that ended as one', async () => {
    const { body } = await chain.ask('anthropic-messages', 'scripted/refusal');
    expect(body).toMatchObject({ choices: [{ message: { content: 'I cannot help with that.' } }] });
  });

  test('openai-compatible: several answers', async () => {
    const direct = await chain.ask(undefined, 'scripted/n', { n: 3 });
    const through = await chain.ask('openai-compatible', 'scripted/n', { n: 3 });
    expect(through.body['choices']).toHaveLength(3);
    expect(choicesOf(through.body)).toEqual(choicesOf(direct.body));
  });

  test.each(languages)('%s: usage that no host told is counted here and says so', async (language) => {
    const { body } = await chain.ask(language, 'scripted/no-usage');
    expect(body).toMatchObject({ usage: { completion_tokens: expect.any(Number) } });
  });
});

describe.each(languages)('requests through %s', (language) => {
  /** The same request, once straight and once through the first server. */
  async function both(more: JsonObject): Promise<readonly [JsonObject, JsonObject]> {
    return [await chain.recorded(undefined, more), await chain.recorded(language, more)];
  }

  test('a conversation of several turns with thoughts, parallel calls and their results', async () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Weather in Paris and Oslo?' },
      {
        role: 'assistant',
        content: 'One moment.',
        reasoning_content: 'Two cities.',
        tool_calls: [
          { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"place":"Paris"}' } },
          { id: 'call_2', type: 'function', function: { name: 'get_weather', arguments: '{"place":"Oslo"}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_1', content: '22 °C' },
      { role: 'tool', tool_call_id: 'call_2', content: 'rain' },
      { role: 'assistant', content: '22 °C and rain.' },
      { role: 'user', content: 'Thanks. And Rome?' },
    ];
    const [direct, through] = await both({ messages, tools: [weather], tool_choice: 'auto', parallel_tool_calls: true });
    for (const field of ['messages', 'tools', 'tool_choice', 'parallel_tool_calls'])
      expect(through[field], field).toEqual(direct[field]);
  });

  test('pictures by address and as bytes', async () => {
    const content = [
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
    ];
    const [direct, through] = await both({ messages: [{ role: 'user', content }] });
    expect(through['messages']).toEqual(direct['messages']);
  });

  test.each(['none', 'required', { type: 'function', function: { name: 'get_weather' } }])(
    'the choice of tools %j',
    async (choice) => {
      const [direct, through] = await both({ tools: [weather], tool_choice: choice });
      expect(through['tool_choice']).toEqual(direct['tool_choice']);
    },
  );

  test('the schema of the answer', async () => {
    const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false };
    const through = await chain.recorded(language, {
      response_format: { type: 'json_schema', json_schema: { name: 'output', schema, strict: true } },
    });
    expect(through['response_format']).toMatchObject({ type: 'json_schema', json_schema: { schema, strict: true } });
  });

  test('sampling, limits and thinking that the language has words for', async () => {
    const more = { temperature: 0.25, top_p: 0.5, max_completion_tokens: 5000, enable_thinking: true, thinking_budget: 1500 };
    const [, through] = await both(more);
    expect(through).toMatchObject({
      temperature: 0.25,
      top_p: 0.5,
      max_completion_tokens: 5000,
      enable_thinking: true,
      thinking_budget: 1500,
    });
    const [, silent] = await both({ enable_thinking: false, max_completion_tokens: 50 });
    expect(silent).toMatchObject({ enable_thinking: false });
  });
});

describe.each(languages)('faults through %s', (language) => {
  test('a limit of the host behind is a limit here, with its wait', async () => {
    const { status, headers, body } = await chain.ask(language, 'scripted/429');
    expect(status).toBe(429);
    expect(headers.get('retry-after')).toBe('1');
    expect(body).toMatchObject({ error: { code: 'rate_limit_exceeded' } });
  });

  test.each(['500', 'error-mid-stream', 'cut-mid-part', 'cut-mid-tool-call'])(
    '%s is an error, and no half of an answer',
    async (behaviour) => {
      const { status, body } = await chain.ask(language, `scripted/${behaviour}`, { tools: [weather] });
      expect(status).toBeGreaterThanOrEqual(500);
      expect(body).not.toHaveProperty('choices');
      expect(body).toMatchObject({ error: { message: expect.any(String), code: expect.any(String) } });
    },
  );

  test('what the host behind refuses is refused here, with its words', async () => {
    const { status, body } = await chain.ask(language, 'recorded', {
      messages: [{ role: 'tool', tool_call_id: 'x', content: 'y' }],
    });
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { type: 'invalid_request_error' } });
  });
});

test.each(languages)('%s: who leaves frees the host behind', async (language) => {
  const leaving = new AbortController();
  const response = await fetch(`${chain.front.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${chain.front.key}` },
    body: JSON.stringify({ model: `${language}/scripted/stall`, messages: [{ role: 'user', content: 'hi' }], stream: true }),
    signal: leaving.signal,
  });
  await response.body?.getReader().read();
  expect(chain.back.server.inFlight()).toBe(1);
  leaving.abort();
  await expect.poll(() => chain.back.server.inFlight(), { timeout: 20_000 }).toBe(0);
  await expect.poll(() => chain.front.server.inFlight(), { timeout: 20_000 }).toBe(0);
});

test('tokens of an input are counted by the host behind, where its language can be asked', async () => {
  const count = async (server: Chain['front'], model: string): Promise<unknown> => {
    const response = await fetch(`${server.url}/v1/messages/count_tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': server.key },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'How many tokens are these?' }] }),
    });
    return response.json();
  };
  const behind = await count(chain.back, 'scripted/hello');
  expect(behind).toMatchObject({ input_tokens: expect.any(Number) });
  expect(await count(chain.front, 'anthropic-messages/scripted/hello')).toEqual(behind);
});
