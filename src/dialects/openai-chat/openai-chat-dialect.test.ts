import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FlashmuxError } from '../../model/fault.ts';
import { opening, says, startListener, validKey, type StartedListener } from '../../http/listener.test-support.ts';
import { openaiChatDialect } from './openai-chat-dialect.ts';

let started: StartedListener;
beforeAll(async () => {
  const serve = async function* serve() {
    yield opening('qwen3.5-flash');
    yield says('Hi');
    yield says(' there');
    yield [
      { kind: 'part-end', answer: 0, index: 0 },
      { kind: 'answer-end', answer: 0, reason: 'stop' },
    ] as const;
    yield [{ kind: 'usage', usage: { input: { total: 3 }, output: { total: 2 }, toolCalls: {} } }] as const;
  };
  started = await startListener(serve, { dialects: [openaiChatDialect] });
});
afterAll(() => started.listener.close());

function post(body: string): Promise<Response> {
  return fetch(`${started.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${validKey}`, 'content-type': 'application/json' },
    body,
  });
}

/** Fields of the wire that get wild values. */
const fields = [
  'model',
  'messages',
  'stream',
  'stream_options',
  'tools',
  'tool_choice',
  'response_format',
  'temperature',
  'stop',
  'n',
  'seed',
  'max_tokens',
  'logprobs',
  'top_logprobs',
  'logit_bias',
  'audio',
  'modalities',
  'prediction',
  'enable_thinking',
  '__proto__',
];

const messages = [{ role: 'user', content: 'Hello' }];

describe('the chat dialect behind the listener', () => {
  it('answers whole', async () => {
    const reply = await post(JSON.stringify({ model: 'm', messages }));
    expect(reply.status).toBe(200);
    expect(reply.headers.get('x-flashmux-model')).toBe('qwen3.5-flash');
    expect(await reply.json()).toMatchObject({
      id: expect.stringMatching(/^gen_/),
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'qwen3.5-flash',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hi there' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    });
  });

  it('answers streamed, and ends with [DONE]', async () => {
    const reply = await post(JSON.stringify({ model: 'm', messages, stream: true, stream_options: { include_usage: true } }));
    expect(reply.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const frames = (await reply.text()).split('\n\n').filter((frame) => frame !== '');
    expect(frames.at(-1)).toBe('data: [DONE]');
    const chunks = frames.slice(0, -1).map((frame) => JSON.parse(frame.slice('data: '.length)));
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('Hi there');
    expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 5 } });
  });

  it('tells faults in the envelope of OpenAI, with a text for their code', async () => {
    const reply = await post('{"model": "m", "messages": 5}');
    expect(reply.status).toBe(400);
    expect(await reply.json()).toMatchObject({
      error: { type: 'invalid_request_error', param: 'messages', code: expect.any(String) },
    });
    const unknown = await fetch(`${started.url}/v1/completion`);
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ error: { code: 'unknown_url' } });
  });

  it('takes its statuses from the fault table', () => {
    expect(openaiChatDialect.status(new FlashmuxError('insufficient_credits', 'x'))).toBe(402);
    expect(openaiChatDialect.status(new FlashmuxError('rate_limited', 'x'))).toBe(429);
  });

  it('never answers a fuzzed body with 500', async () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom(messages, true, 0, -1, 1e300, '', [], {}, [null], 'auto', 'user'));
    const field = fc.constantFrom(...fields);
    const part = fc.dictionary(
      fc.constantFrom('type', 'text', 'image_url', 'input_audio', 'video', 'video_url', 'file', 'fps'),
      value,
    );
    const message = fc.record(
      {
        role: fc.constantFrom('system', 'user', 'assistant', 'tool', 'developer', 'x'),
        content: fc.oneof(value, fc.array(part)),
        tool_calls: value,
        tool_call_id: value,
        name: value,
      },
      { requiredKeys: ['role'] },
    );
    const body = fc.tuple(fc.array(message, { maxLength: 4 }), fc.dictionary(field, value)).map(([turns, wildFields]) => ({
      model: 'm',
      messages: turns,
      ...wildFields,
    }));
    await fc.assert(
      fc.asyncProperty(body, async (wild) => {
        const reply = await post(JSON.stringify(wild));
        const text = await reply.text();
        expect([200, 400], text).toContain(reply.status);
      }),
      { numRuns: Number(process.env['FLASHMUX_FUZZ_RUNS'] ?? 1000) },
    );
  }, 600_000);
});
