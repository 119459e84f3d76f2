import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { aimlapiAnswer, aimlapiChunk } from './aimlapi-schema.ts';
import { chatAnswer } from './chat-answer.ts';
import { startSampleHost, type SampleAnswer, type SampleHost } from './sample-host.ts';
import { sendAsRequests } from './send-as-requests.ts';

// Seed 003, AI/ML API's page of alibaba/qwen3.5-omni-flash. The questions in text are answered by the embedded engine; a video, which its tiny
// model cannot see, and the two printed answers with their bills come from a scripted host that is configured as the model.

const model = 'alibaba/qwen3.5-omni-flash';
const video = 'https://raw.githubusercontent.com/aimlapi/api-docs/main/reference-files/aimlapi.mp4';

const aboutMankind: SampleAnswer = {
  text: 'Hello! **Mankind** is a paradox:\n\n*   resilient and curious\n*   “contradictory”',
  usage: {
    prompt_tokens: 21,
    completion_tokens: 316,
    total_tokens: 337,
    prompt_tokens_details: { text_tokens: 21 },
    completion_tokens_details: { text_tokens: 316 },
  },
};
const aboutVideo: SampleAnswer = {
  text: 'Colours swirl behind a white banner — “400+ Models”.',
  usage: {
    prompt_tokens: 3023,
    completion_tokens: 286,
    total_tokens: 3309,
    prompt_tokens_details: { text_tokens: 21, video_tokens: 3002 },
    completion_tokens_details: { text_tokens: 286 },
  },
};

let host: SampleHost;
let local: TestServer;
let hosted: TestServer;
beforeAll(async () => {
  host = await startSampleHost((body) => (JSON.stringify(body).includes('video_url') ? aboutVideo : aboutMankind));
  local = await startTestServer();
  const provider = { name: 'host', base_url: host.baseUrl, quirks: 'flashmux', models: ['qwen3.5-omni-flash'] };
  hosted = await startTestServer({ settings: { providers: [provider], engine: { enabled: false } }, store: 'memory' });
});
afterAll(async () => {
  await local.stop();
  await hosted.stop();
  await host.close();
});

const question = { model, messages: [{ role: 'user', content: 'Hi! What do you think about mankind?' }] };
const scene = {
  model,
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Describe this scene' },
        { type: 'video_url', video_url: { url: video } },
      ],
    },
  ],
};

// Both JavaScript tabs: fetch(url, { method, headers, body }), and response.json().
function inJavaScript({ url, key }: TestServer, body: unknown): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}

// Both Python tabs: requests.post(url, headers=..., json=...), and response.json().
function inPython({ url, key }: TestServer, body: string) {
  const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
  return sendAsRequests({ url: `${url}/v1/chat/completions`, headers, body });
}

test('the Python sample, byte for byte as requests sends it, on the embedded engine', async () => {
  const body = `{"model": "${model}", "messages": [{"role": "user", "content": "Hi! What do you think about mankind?"}]}`;
  const { status, json } = await inPython(local, body);
  expect(status, JSON.stringify(json)).toBe(200);
  chatAnswer.parse(json);
});

test('the JavaScript sample, on the embedded engine', async () => {
  const reply = await inJavaScript(local, question);
  expect(reply.status).toBe(200);
  expect(reply.headers.get('content-type')).toBe('application/json');
  chatAnswer.parse(await reply.json());
});

// Code Example, Response. The bill of the page: 21 tokens x 1.04 and 316 x 5.72 credits, each rounded up.
test('the printed answer comes back field by field, from a scripted host', async () => {
  const answer: unknown = await (await inJavaScript(hosted, question)).json();
  expect(answer).toMatchObject({
    choices: [
      {
        message: { content: aboutMankind.text, reasoning_content: '', role: 'assistant' },
        finish_reason: 'stop',
        index: 0,
        logprobs: null,
      },
    ],
    object: 'chat.completion',
    usage: aboutMankind.usage,
    created: expect.any(Number),
    system_fingerprint: null,
    model: 'qwen3.5-omni-flash',
    id: expect.stringMatching(/\S/),
    meta: { usage: { credits_used: 1830, usd_spent: 0.000_915 } },
  });
});

test('the Python sample with a video, byte for byte as requests sends it, to a scripted host', async () => {
  const text = '{"type": "text", "text": "Describe this scene"}';
  const clip = `{"type": "video_url", "video_url": {"url": "${video}"}}`;
  const body = `{"model": "${model}", "messages": [{"role": "user", "content": [${text}, ${clip}]}]}`;
  const { status, json } = await inPython(hosted, body);
  expect(status, JSON.stringify(json)).toBe(200);
  expect(chatAnswer.parse(json).choices[0].message.content).toBe(aboutVideo.text);
  expect(host.bodies.at(-1)).toMatchObject({ messages: scene.messages });
});

test('the JavaScript sample with a video, to a scripted host', async () => {
  const reply = await inJavaScript(hosted, scene);
  expect(reply.status).toBe(200);
  expect(chatAnswer.parse(await reply.json()).choices[0].message.content).toBe(aboutVideo.text);
  expect(host.bodies.at(-1)).toMatchObject({ messages: scene.messages });
});

// Code example #2, Response: 21 and 3,002 tokens x 1.04, and 286 x 5.72 credits.
test('the printed answer about the video, with its tokens and its bill, from a scripted host', async () => {
  const answer: unknown = await (await inJavaScript(hosted, scene)).json();
  expect(answer).toMatchObject({
    choices: [
      {
        message: { content: aboutVideo.text, reasoning_content: '', role: 'assistant' },
        finish_reason: 'stop',
        index: 0,
        logprobs: null,
      },
    ],
    object: 'chat.completion',
    usage: aboutVideo.usage,
    created: expect.any(Number),
    system_fingerprint: null,
    model: 'qwen3.5-omni-flash',
    id: expect.stringMatching(/\S/),
    meta: { usage: { credits_used: 4781, usd_spent: 0.002_390_5 } },
  });
});

const joke = {
  type: 'function',
  function: { name: 'joke', parameters: { type: 'object', properties: { animal: { enum: ['dog'] } } } },
};
const wishes = [
  { max_tokens: 8 },
  { max_tokens: 8, logprobs: true, top_logprobs: 2, temperature: 0 },
  { tools: [joke], tool_choice: 'required' },
  { model: 'scripted/citations' },
  { model: 'scripted/audio', modalities: ['text', 'audio'], audio: { format: 'wav', voice: 'alloy' } },
];

test('a whole answer holds to the schema of the page, on the embedded engine and on scripted hosts', async () => {
  for (const wish of wishes) {
    const answer: unknown = await (await inJavaScript(local, { ...question, ...wish })).json();
    const parsed = aimlapiAnswer.safeParse(answer);
    expect(parsed.error, JSON.stringify(wish)).toBeUndefined();
  }
});

test('each chunk of a stream holds to the schema of the page, on the embedded engine and on scripted hosts', async () => {
  for (const wish of wishes) {
    const streamed = { ...question, ...wish, stream: true, stream_options: { include_usage: true } };
    const reply = await inJavaScript(local, streamed);
    expect(reply.headers.get('content-type')).toContain('text/event-stream');
    const events = (await reply.text()).split('\n\n').filter((event) => event.startsWith('data: '));
    expect(events.pop()).toBe('data: [DONE]');
    const chunks = events.map((event) => aimlapiChunk.parse(JSON.parse(event.slice('data: '.length))));
    expect(chunks.length).toBeGreaterThan(2);
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(chunks.at(-1)?.usage?.total_tokens, JSON.stringify(wish)).toBeGreaterThan(0);
    expect(chunks.flatMap(({ choices }) => choices.map((choice) => choice.finish_reason)).at(-1)).not.toBeNull();
  }
});
