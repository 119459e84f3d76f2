import type { Dialect } from '../../src/dialects/dialect.ts';
import { aiGatewayDialect } from '../../src/dialects/ai-gateway/ai-gateway-dialect.ts';
import { anthropicMessagesDialect } from '../../src/dialects/anthropic-messages/anthropic-messages-dialect.ts';
import { openaiChatDialect } from '../../src/dialects/openai-chat/openai-chat-dialect.ts';
import { openaiCompletionsDialect } from '../../src/dialects/openai-completions/openai-completions-dialect.ts';
import { openaiResponsesDialect } from '../../src/dialects/openai-responses/openai-responses-dialect.ts';
import { openrouterCompletionsDialect } from '../../src/dialects/openrouter/openrouter-completions-dialect.ts';
import { openrouterDialect } from '../../src/dialects/openrouter/openrouter-dialect.ts';
import { segmindDialect } from '../../src/dialects/segmind/segmind-dialect.ts';
import type { JsonObject } from '../../src/model/json.ts';

/** A dialect, and the call that says the most in it: tools, probabilities, several answers. */
export interface Speaker {
  readonly dialect: Dialect;
  readonly call: (model: string, isStream: boolean) => SpokenCall;
}

export interface SpokenCall {
  readonly path: string;
  readonly body: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
}

const question = 'What is the weather in Oslo?';
const weather = {
  name: 'get_weather',
  description: 'The weather.',
  parameters: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] },
};

function chatBody(isStream: boolean): JsonObject {
  return {
    messages: [{ role: 'user', content: question }],
    tools: [{ type: 'function', function: weather }],
    ...(isStream ? { stream: true, stream_options: { include_usage: true } } : {}),
  };
}

function completionBody(model: string, isStream: boolean): JsonObject {
  return { model, prompt: question, echo: true, ...(isStream ? { stream: true, stream_options: { include_usage: true } } : {}) };
}

export const speakers: readonly Speaker[] = [
  {
    dialect: openaiChatDialect,
    call: (model, isStream) => ({ path: '/v1/chat/completions', body: { model, ...chatBody(isStream) } }),
  },
  {
    dialect: openrouterDialect,
    call: (model, isStream) => ({ path: '/api/v1/chat/completions', body: { model, ...chatBody(isStream) } }),
  },
  { dialect: segmindDialect(), call: (model, isStream) => ({ path: `/v1/${model}`, body: chatBody(isStream) }) },
  ...([3, 4] as const).map((version): Speaker => ({
    dialect: aiGatewayDialect(version),
    call: (model, isStream) => ({
      path: `/v${version}/ai/language-model`,
      headers: { 'ai-language-model-id': model, 'ai-language-model-streaming': String(isStream) },
      body: {
        prompt: [{ role: 'user', content: [{ type: 'text', text: question }] }],
        tools: [{ type: 'function', name: weather.name, inputSchema: weather.parameters }],
      },
    }),
  })),
  {
    dialect: anthropicMessagesDialect,
    call: (model, isStream) => ({
      path: '/v1/messages',
      body: {
        model,
        max_tokens: 500,
        messages: [{ role: 'user', content: question }],
        tools: [{ name: weather.name, input_schema: weather.parameters }],
        ...(isStream ? { stream: true } : {}),
      },
    }),
  },
  {
    dialect: openaiResponsesDialect,
    call: (model, isStream) => ({
      path: '/v1/responses',
      body: {
        model,
        input: question,
        instructions: 'Be brief.',
        include: ['message.output_text.logprobs', 'reasoning.encrypted_content'],
        tools: [{ type: 'function', ...weather }],
        text: { format: { type: 'text' } },
        metadata: { from: 'test' },
        ...(isStream ? { stream: true } : {}),
      },
    }),
  },
  {
    dialect: openaiCompletionsDialect,
    call: (model, isStream) => ({ path: '/v1/completions', body: completionBody(model, isStream) }),
  },
  {
    dialect: openrouterCompletionsDialect,
    call: (model, isStream) => ({ path: '/api/v1/completions', body: completionBody(model, isStream) }),
  },
];
