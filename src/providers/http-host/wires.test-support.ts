import type { JsonObject } from '../../model/json.ts';
import type { Provider } from '../../model/ports.ts';
import { createAnthropicMessages } from '../anthropic-messages/create-anthropic-messages.ts';
import { messagesRows } from '../anthropic-messages/messages-quirks.ts';
import { createOpenAiCompatible } from '../openai-compatible/create-openai-compatible.ts';
import { createOpenAiResponses } from '../openai-responses/create-openai-responses.ts';
import { responsesRows } from '../openai-responses/responses-quirks.ts';
import { quirksRows } from '../quirks.ts';
import { createSegmind } from '../segmind/create-segmind.ts';
import type { HttpHostOptions } from './host-sender.ts';

/** An answer of one text in the events of one wire language, in pieces that a test puts together rightly or wrongly. */
export interface Wire {
  readonly name: string;
  readonly create: (options: HttpHostOptions) => Provider;
  /** All before the first word. The counts of tokens are told where they are given, and where the language tells them there. */
  readonly begin: (inputTokens?: number) => string;
  readonly word: (text: string) => string;
  /** The end of the text, with the reason where the language has it there. */
  readonly finish: (outputTokens?: number) => string;
  /** Usage that is told early. */
  readonly usage: (inputTokens: number, outputTokens: number) => readonly string[];
  readonly end: (inputTokens?: number, outputTokens?: number) => readonly string[];
  /** The last event of the language, with no reason told before it. */
  readonly bareEnd: readonly string[];
  readonly error: (message: string) => string;
  readonly whole: (text: string, inputTokens: number, outputTokens: number) => JsonObject;
}

function data(body: JsonObject): string {
  return `data: ${JSON.stringify(body)}\n\n`;
}

/** Frames whose name is the type of their data. */
function named(...bodies: readonly (JsonObject & { readonly type: string })[]): string {
  return bodies.map((body) => `event: ${body.type}\n${data(body)}`).join('');
}

const chunk = (more: JsonObject): string =>
  data({ id: 'c1', object: 'chat.completion.chunk', created: 7, model: 'm1', choices: [], ...more });
const delta = (fields: JsonObject, finish: string | null = null): string =>
  chunk({ choices: [{ index: 0, delta: fields, finish_reason: finish }] });
const chatUsage = (input: number, output: number): JsonObject => ({
  usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
});

const chat: Omit<Wire, 'name' | 'create'> = {
  begin: () => delta({ role: 'assistant', content: '' }),
  word: (text) => delta({ content: text }),
  finish: () => delta({}, 'stop'),
  usage: (input, output) => [chunk(chatUsage(input, output))],
  end: (input, output) => [
    ...(input === undefined || output === undefined ? [] : [chunk(chatUsage(input, output))]),
    'data: [DONE]\n\n',
  ],
  bareEnd: ['data: [DONE]\n\n'],
  error: (message) => data({ error: { message, type: 'server_error', code: 'x', param: null } }),
  whole: (text, input, output) => ({
    id: 'c1',
    object: 'chat.completion',
    created: 7,
    model: 'm1',
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    ...chatUsage(input, output),
  }),
};

const messages: Omit<Wire, 'name' | 'create'> = {
  begin: (input) =>
    named(
      {
        type: 'message_start',
        message: {
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          model: 'm1',
          content: [],
          stop_reason: null,
          stop_sequence: null,
          ...(input === undefined ? {} : { usage: { input_tokens: input, output_tokens: 1 } }),
        },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    ),
  word: (text) => named({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
  finish: (output) =>
    named(
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        ...(output === undefined ? {} : { usage: { output_tokens: output } }),
      },
    ),
  usage: (input, output) => [
    named({ type: 'message_delta', delta: {}, usage: { input_tokens: input, output_tokens: output } }),
    named({ type: 'ping' }),
  ],
  end: () => [named({ type: 'message_stop' })],
  bareEnd: [named({ type: 'content_block_stop', index: 0 }, { type: 'message_stop' })],
  error: (message) => named({ type: 'error', error: { type: 'api_error', message } }),
  whole: (text, input, output) => ({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm1',
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: input, output_tokens: output },
  }),
};

const responseHead = { id: 'resp_1', object: 'response', created_at: 7, model: 'm1' };
const at = { item_id: 'msg_1', output_index: 0, content_index: 0 };

function responsesWire(): Omit<Wire, 'name' | 'create'> {
  let said = '';
  const item = (status: string): JsonObject => ({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    status,
    content: status === 'completed' ? [{ type: 'output_text', text: said, annotations: [], logprobs: [] }] : [],
  });
  const usage = (input: number, output: number): JsonObject => ({
    usage: { input_tokens: input, output_tokens: output, total_tokens: input + output },
  });
  return {
    begin() {
      said = '';
      return named(
        { type: 'response.created', response: { ...responseHead, status: 'in_progress', output: [] } },
        { type: 'response.output_item.added', output_index: 0, item: item('in_progress') },
        { type: 'response.content_part.added', ...at, part: { type: 'output_text', text: '', annotations: [] } },
      );
    },
    word(text) {
      said += text;
      return named({ type: 'response.output_text.delta', ...at, delta: text });
    },
    // Everything that was said is said again at the end of its part, its item and the response.
    finish: () =>
      named(
        { type: 'response.output_text.done', ...at, text: said },
        { type: 'response.content_part.done', ...at, part: { type: 'output_text', text: said, annotations: [] } },
        { type: 'response.output_item.done', output_index: 0, item: item('completed') },
      ),
    usage: (input, output) => [
      named({
        type: 'response.in_progress',
        response: { ...responseHead, status: 'in_progress', output: [], ...usage(input, output) },
      }),
    ],
    end: (input, output) => [
      named({
        type: 'response.completed',
        response: {
          ...responseHead,
          status: 'completed',
          output: [item('completed')],
          ...(input === undefined || output === undefined ? {} : usage(input, output)),
        },
      }),
    ],
    bareEnd: ['data: [DONE]\n\n'],
    error: (message) => named({ type: 'error', sequence_number: 9, code: 'server_error', message, param: null }),
    whole: (text, input, output) => ({
      ...responseHead,
      status: 'completed',
      output: [
        {
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text, annotations: [] }],
        },
      ],
      ...usage(input, output),
    }),
  };
}

export const wires: readonly Wire[] = [
  { name: 'openai-compatible', create: (options) => createOpenAiCompatible({ ...options, quirks: quirksRows.generic }), ...chat },
  {
    name: 'anthropic-messages',
    create: (options) => createAnthropicMessages({ ...options, quirks: messagesRows.anthropic }),
    ...messages,
  },
  {
    name: 'openai-responses',
    create: (options) => createOpenAiResponses({ ...options, quirks: responsesRows.openai }),
    ...responsesWire(),
  },
  // It is asked for whole answers; one that streams all the same is read.
  { name: 'segmind', create: (options) => createSegmind({ ...options, quirks: quirksRows.segmind }), ...chat },
];
