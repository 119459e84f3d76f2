import { describe, expect, test } from 'vitest';
import { FlashmuxError } from '../../model/fault.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import { openaiResponses } from './openai-responses.ts';

const { readRequest } = openaiResponses.server;

function read(fields: JsonObject): ReturnType<typeof readRequest> {
  return readRequest({ model: 'm', input: 'hi', ...fields });
}

function refusal(body: Json): { readonly param: string | undefined; readonly status: number; readonly message: string } {
  try {
    readRequest(body);
  } catch (error) {
    if (FlashmuxError.is(error)) return { param: error.param, status: error.row.status, message: error.message };
    throw error;
  }
  throw new Error('it was read');
}

describe('a conversation', () => {
  test('has all that the model said in a row in one turn, and each result in one', () => {
    const { turns } = read({
      instructions: 'be brief',
      input: [
        { role: 'user', content: 'weather?' },
        { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'two' }], encrypted_content: 'e' },
        { type: 'message', role: 'assistant', id: 'msg_1', content: [{ type: 'output_text', text: 'looking', annotations: [] }] },
        { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'f', arguments: '{}', status: 'completed' },
        { type: 'function_call', call_id: 'c2', name: 'f', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c1', output: 'sun' },
        { type: 'function_call_output', call_id: 'c2', output: [{ type: 'input_image', image_url: 'https://e/p.png' }] },
      ],
    });
    expect(turns).toEqual([
      { role: 'system', parts: [{ kind: 'text', text: 'be brief' }] },
      { role: 'user', parts: [{ kind: 'text', text: 'weather?' }] },
      {
        role: 'assistant',
        parts: [
          { kind: 'reasoning', text: 'two', itemId: 'rs_1', seal: { protocol: 'openai-responses', value: 'e' } },
          { kind: 'text', text: 'looking', itemId: 'msg_1' },
          { kind: 'tool-call', callId: 'c1', itemId: 'fc_1', name: 'f', argumentsText: '{}', ranBy: 'caller' },
          { kind: 'tool-call', callId: 'c2', name: 'f', argumentsText: '{}', ranBy: 'caller' },
        ],
      },
      { role: 'tool', parts: [{ kind: 'tool-result', callId: 'c1', parts: [{ kind: 'text', text: 'sun' }] }] },
      {
        role: 'tool',
        parts: [
          {
            kind: 'tool-result',
            callId: 'c2',
            parts: [{ kind: 'media', medium: 'image', source: { kind: 'url', url: 'https://e/p.png' } }],
          },
        ],
      },
    ]);
  });

  test('may hold the result of a call that is stored elsewhere', () => {
    const output = { type: 'function_call_output', call_id: 'c', output: '' };
    const turn = { role: 'tool', parts: [{ kind: 'tool-result', callId: 'c', parts: [] }] };
    expect(read({ input: [output], previous_response_id: 'resp_1' }).turns).toEqual([turn]);
    expect(read({ input: [output], conversation: 'conv_1' }).turns).toEqual([turn]);
    expect(read({ input: [{ type: 'item_reference', id: 'fc_1' }, output] }).turns.at(-1)).toEqual(turn);
  });

  test('may be stored elsewhere as a whole', () => {
    expect(readRequest({ model: 'm', conversation: { id: 'conv_1' } }).turns).toEqual([]);
    expect(readRequest({ model: 'm', prompt: { id: 'p' }, input: [] }).turns).toEqual([]);
  });
});

describe('options', () => {
  test('have the words of the model, and what has none is carried', () => {
    const request = read({
      max_output_tokens: 64,
      reasoning: { effort: 'high', summary: 'auto' },
      text: { format: { type: 'json_schema', name: 's', schema: {}, strict: true }, verbosity: 'low' },
      include: ['message.output_text.logprobs', 'reasoning.encrypted_content'],
      top_logprobs: 2,
      tools: [
        { type: 'function', name: 'f', parameters: {}, strict: null },
        { type: 'web_search', search_context_size: 'low' },
      ],
      tool_choice: { type: 'function', name: 'f' },
      store: false,
      stream: true,
      stream_options: { include_obfuscation: false },
    });
    expect(request).toMatchObject({
      limits: { completionTokens: 64 },
      thinking: { kind: 'unsaid', effort: 'high' },
      form: { kind: 'schema', name: 's', schema: {}, strict: true },
      logprobs: { wanted: true, top: 2 },
      tools: [{ kind: 'function', name: 'f', parameters: {} }],
      serverTools: { web_search: true },
      toolChoice: { kind: 'function', name: 'f' },
      delivery: { kind: 'stream', carry: { fields: { include_obfuscation: false } } },
    });
    expect(request.carry?.fields).toEqual({
      store: false,
      reasoning: { summary: 'auto' },
      text: { verbosity: 'low' },
      include: ['reasoning.encrypted_content'],
      tools: { 1: { type: 'web_search', search_context_size: 'low' } },
    });
  });
});

describe('bad input is refused with its path', () => {
  test.each<[string, string | undefined, Json]>([
    ['no object', undefined, 'hi'],
    ['no model', 'model', { input: 'hi' }],
    ['no input', 'input', { model: 'm' }],
    ['an empty input', 'input', { model: 'm', input: [] }],
  ])('%s', (_, param, body) => {
    expect(refusal(body)).toMatchObject({ status: 400, param });
  });

  const user = (content: Json): Json => [{ role: 'user', content }];
  test.each<[string, JsonObject]>([
    ['input', { input: 3 }],
    ['input[0]', { input: ['hi'] }],
    ['input[0].type', { input: [{}] }],
    ['input[0].type', { input: [{ type: 7 }] }],
    ['input[0].role', { input: [{ role: 'tool', content: 'x' }] }],
    ['input[0].role', { input: [{ type: 'message', content: 'x' }] }],
    ['input[0].content', { input: user(null) }],
    [
      'input[1].content[0]',
      {
        input: [
          { role: 'user', content: 'a' },
          { role: 'user', content: ['b'] },
        ],
      },
    ],
    ['input[0].content[0].type', { input: user([{ text: 'x' }]) }],
    ['input[0].content[0].text', { input: user([{ type: 'input_text' }]) }],
    ['input[0].content[0].image_url', { input: user([{ type: 'input_image' }]) }],
    ['input[0].content[0].image_url', { input: user([{ type: 'input_image', image_url: 'not a url!' }]) }],
    ['input[0].content[0].image_url', { input: user([{ type: 'input_image', image_url: { url: 'https://e' } }]) }],
    ['input[0].content[0].input_audio.format', { input: user([{ type: 'input_audio', input_audio: { data: 'AAAA' } }]) }],
    ['input[0].content[0].file_id', { input: user([{ type: 'input_file', filename: 'a.pdf' }]) }],
    ['input[0].content[0].video_url', { input: user([{ type: 'input_video' }]) }],
    ['input[0].content[0].refusal', { input: [{ role: 'assistant', content: [{ type: 'refusal' }] }] }],
    ['input[0].summary[0].text', { input: [{ type: 'reasoning', summary: [{ type: 'summary_text' }] }] }],
    ['input[0].encrypted_content', { input: [{ type: 'reasoning', summary: [], encrypted_content: 1 }] }],
    ['input[0].call_id', { input: [{ type: 'function_call', name: 'f', arguments: '{}' }] }],
    ['input[0].arguments', { input: [{ type: 'function_call', call_id: 'c', name: 'f', arguments: {} }] }],
    ['input[0].call_id', { input: [{ type: 'function_call_output', call_id: 'c', output: 'x' }] }],
    [
      'input[1].output',
      {
        input: [
          { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
          { type: 'function_call_output', call_id: 'c', output: { a: 1 } },
        ],
      },
    ],
    ['instructions', { instructions: ['x'] }],
    ['tools[0].type', { tools: [{ name: 'f' }] }],
    ['tools[0].name', { tools: [{ type: 'function', function: { name: 'f' } }] }],
    ['tools', { tools: Array.from({ length: 129 }, () => ({ type: 'function', name: 'f' })) }],
    ['tool_web_search', { tools: [{ type: 'web_search' }], tool_web_search: false }],
    ['tool_choice', { tool_choice: 3 }],
    ['tool_choice.name', { tool_choice: { type: 'function' } }],
    ['text.format.type', { text: { format: { type: 'xml' } } }],
    ['text.format.name', { text: { format: { type: 'json_schema', schema: {} } } }],
    ['reasoning.effort', { reasoning: { effort: 'a lot' } }],
    ['include[0]', { include: [1] }],
    ['top_logprobs', { top_logprobs: 21 }],
    ['max_output_tokens', { max_output_tokens: 0 }],
    ['temperature', { temperature: 2.1 }],
    ['stream', { stream: 'yes' }],
    ['stream_options', { stream_options: { include_obfuscation: true } }],
  ])('%s', (param, fields) => {
    const { message, ...refused } = refusal({ model: 'm', input: 'hi', ...fields });
    expect(refused).toEqual({ status: 400, param });
    expect(message).toContain(param);
  });

  test('and never repeats a long text of the caller', () => {
    const secret = 'a prompt that is none of the log'.repeat(4);
    expect(refusal({ model: 'm', input: [{ role: secret, content: 'x' }] }).message).not.toContain(secret);
  });
});

test('an unknown block is kept, whatever it holds', () => {
  const item = { type: 'hologram', depth: [1, { x: null }] };
  const { turns } = read({ input: [{ role: 'user', content: [{ type: 'input_smell', smell: 1 }] }, item] });
  expect(turns.flatMap(({ parts }) => parts)).toEqual([
    { kind: 'opaque', protocol: 'openai-responses', value: { type: 'input_smell', smell: 1 } },
    { kind: 'opaque', protocol: 'openai-responses', value: item },
  ]);
});
