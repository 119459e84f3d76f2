import axios from 'axios';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { JsonObject } from '../../src/model/json.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { chatAnswer } from './chat-answer.ts';
import { openPrepaid } from './open-prepaid.ts';

// Seed 001, Segmind's page of qwen-flash: all of it on the embedded engine.

let server: TestServer;
let key = '';
beforeAll(async () => {
  server = await startTestServer();
  key = await openPrepaid(server, 'customer', 5_000_000_000n);
});
afterAll(() => server.stop());

/** The `data` of the sample. */
const data = {
  messages: [
    { role: 'user', content: 'tell me a joke on cats' },
    { role: 'assistant', content: 'here is a joke about cats...' },
    { role: 'user', content: 'now a joke on dogs' },
  ],
};

function ask(body: JsonObject = data) {
  return axios.post<unknown>(`${server.url}/v1/qwen-flash`, body, { headers: { 'x-api-key': key } });
}

// Lines 1 to 31: axios.post(url, data, { headers: { 'x-api-key': api_key } }), and console.log(response.data).
test('the call of the page, and its data, on the embedded engine', async () => {
  const response = await ask();
  expect(response.status).toBe(200);
  expect(response.headers['content-type']).toBe('application/json');
  expect(response.headers['x-flashmux-stand-in-for']).toBe('qwen-flash');
  chatAnswer.parse(response.data);
});

test('what the sample prints where the call failed', async () => {
  const failed = axios.post(`${server.url}/v1/qwen-flash`, data, { headers: { 'x-api-key': 'YOUR API-KEY' } });
  const error: unknown = await failed.catch((thrown: unknown) => thrown);
  if (!axios.isAxiosError<unknown>(error)) throw new Error('axios did not throw its own error');
  expect(error.response?.status).toBe(401);
  expect(error.response?.data).toMatchObject({ message: expect.stringMatching(/key/), error: { code: 'invalid_api_key' } });
});

test('the credits that remain are in the headers of each call', async () => {
  const { headers } = await ask({ ...data, max_tokens: 1 });
  expect(headers['x-remaining-credits']).toBe('5.00');
  const refused = await ask({ messages: 'a joke on dogs' }).catch((error: unknown) => error);
  if (!axios.isAxiosError(refused)) throw new Error('axios did not throw its own error');
  expect([refused.response?.status, refused.response?.headers['x-remaining-credits']]).toEqual([400, '5.00']);
});

test('enable_thinking turns on thoughts, which are off without it, on the embedded engine', async () => {
  const short = { ...data, max_tokens: 8 };
  const silent = chatAnswer.parse((await ask(short)).data);
  expect(silent.usage.completion_tokens_details).toMatchObject({ reasoning_tokens: 0 });
  const thinking = chatAnswer.parse((await ask({ ...short, enable_thinking: true, seed: 7 })).data);
  expect(thinking.usage.completion_tokens_details['reasoning_tokens']).toBeGreaterThan(0);
  expect(thinking.choices[0].message.reasoning_content).not.toBe('');
});

test('a function call is told in tool_calls, by the embedded engine', async () => {
  const parameters = {
    type: 'object',
    properties: { animal: { enum: ['dog'] } },
    required: ['animal'],
    additionalProperties: false,
  };
  const response = await ask({
    ...data,
    tools: [{ type: 'function', function: { name: 'joke', description: 'A joke about an animal.', parameters } }],
    tool_choice: 'required',
  });
  const call = z.looseObject({
    id: z.string(),
    type: z.literal('function'),
    function: z.object({ name: z.literal('joke'), arguments: z.literal('{"animal":"dog"}') }),
  });
  const choice = z.looseObject({
    finish_reason: z.literal('tool_calls'),
    message: z.looseObject({ tool_calls: z.tuple([call], call) }),
  });
  z.looseObject({ choices: z.tuple([choice]) }).parse(response.data);
});
