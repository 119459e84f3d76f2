import { describe, expect, test } from 'vitest';
import { createCatalogue } from '../../src/catalogue/create-catalogue.ts';
import { readOpenrouterRequest } from '../../src/dialects/openrouter/read-openrouter-request.ts';
import type { JsonObject } from '../../src/model/json.ts';
import type { GenerateRequest } from '../../src/model/request.ts';
import { aiGateway } from '../../src/protocols/ai-gateway/ai-gateway.ts';
import { anthropicMessages } from '../../src/protocols/anthropic-messages/anthropic-messages.ts';
import { openaiChat } from '../../src/protocols/openai-chat/openai-chat.ts';
import { openaiResponses } from '../../src/protocols/openai-responses/openai-responses.ts';
import { segmind } from '../../src/protocols/segmind/segmind.ts';
import { applyQuirks } from '../../src/providers/openai-compatible/apply-quirks.ts';
import { quirksRows, type QuirksName } from '../../src/providers/quirks.ts';

/*
 * One control of thinking: every way to say it in every API of ours, through the real readers and the real catalogue, comes to one of the
 * wishes below, and each kind of host is told that wish in its own words.
 */

const messages = [{ role: 'user', content: 'hi' }];

const readers = {
  chat: (said: JsonObject) => openaiChat.server.readRequest({ model, messages, ...said }),
  openrouter: (said: JsonObject) => readOpenrouterRequest({ model, messages, ...said }),
  segmind: (said: JsonObject) => segmind.server.readRequest({ model, messages, ...said }),
  responses: (said: JsonObject) => openaiResponses.server.readRequest({ model, input: 'hi', ...said }),
  messages: (said: JsonObject) => anthropicMessages.server.readRequest({ model, max_tokens: 100_000, messages, ...said }),
  gateway: (said: JsonObject) =>
    aiGateway(4).server.readRequest({
      'ai-language-model-id': model,
      prompt: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
      ...said,
    }),
} as const satisfies Record<string, (said: JsonObject) => GenerateRequest>;

type Reader = keyof typeof readers;

/** Thinks unless told not to, with at most 81,920 tokens. */
const model = 'qwen3.5-flash';
const catalogue = createCatalogue();

type Way = readonly [Reader, JsonObject];

const adaptive = { thinking: { type: 'adaptive' } };
const alibabas = (said: JsonObject): JsonObject => ({ providerOptions: { alibaba: said } });

/** Each wish as the catalogue resolves it, and the ways to say it. */
const wishes: Readonly<Record<string, { readonly means: GenerateRequest['thinking']; readonly ways: readonly Way[] }>> = {
  off: {
    means: { kind: 'off' },
    ways: [
      ['chat', { enable_thinking: false }],
      ['chat', { reasoning_effort: 'none' }],
      ['chat', { reasoning: { enabled: false } }],
      ['chat', { reasoning: { effort: 'none' } }],
      ['chat', { chat_template_kwargs: { enable_thinking: false } }],
      ['openrouter', { reasoning: { enabled: false } }],
      ['openrouter', { reasoning: { effort: 'none' } }],
      ['segmind', { enable_thinking: false }],
      ['responses', { reasoning: { effort: 'none' } }],
      ['responses', { enable_thinking: false }],
      ['messages', { thinking: { type: 'disabled' } }],
      ['gateway', { reasoning: 'none' }],
      ['gateway', alibabas({ enableThinking: false })],
    ],
  },
  on: {
    means: { kind: 'on' },
    ways: [
      ['chat', {}],
      ['chat', { enable_thinking: true }],
      ['chat', { reasoning: { enabled: true } }],
      ['chat', { chat_template_kwargs: { enable_thinking: true } }],
      ['openrouter', { reasoning: { enabled: true } }],
      ['segmind', { enable_thinking: true }],
      ['responses', { enable_thinking: true }],
      ['messages', {}],
      ['messages', adaptive],
      ['gateway', {}],
      ['gateway', { reasoning: 'provider-default' }],
      ['gateway', alibabas({ enableThinking: true })],
    ],
  },
  minimal: effortWish('minimal', 1_024),
  low: effortWish('low', 4_096),
  medium: effortWish('medium', 16_384),
  high: effortWish('high', 40_960),
  xhigh: effortWish('xhigh', 81_920),
  max: {
    means: { kind: 'on', effort: 'max', budgetTokens: 81_920 },
    ways: [
      ['chat', { reasoning_effort: 'max' }],
      ['openrouter', { reasoning: { effort: 'max' } }],
      ['messages', { ...adaptive, output_config: { effort: 'max' } }],
    ],
  },
  '2000 tokens': {
    means: { kind: 'on', budgetTokens: 2_000 },
    ways: [
      ['chat', { thinking_budget: 2_000 }],
      ['chat', { enable_thinking: true, thinking_budget: 2_000 }],
      ['chat', { enable_thinking: true, thinking_budget: 2_000, reasoning_effort: 'max' }],
      ['chat', { reasoning: { max_tokens: 2_000 } }],
      ['openrouter', { reasoning: { max_tokens: 2_000 } }],
      ['segmind', { enable_thinking: true, thinking_budget: 2_000 }],
      ['responses', { enable_thinking: true, thinking_budget: 2_000 }],
      ['messages', { thinking: { type: 'enabled', budget_tokens: 2_000 } }],
      ['gateway', alibabas({ enableThinking: true, thinkingBudget: 2_000 })],
    ],
  },
  'earlier thoughts kept': {
    means: { kind: 'on', preserve: true },
    ways: [
      ['chat', { preserve_thinking: true }],
      ['responses', { preserve_thinking: true }],
      ['gateway', alibabas({ preserveThinking: true })],
    ],
  },
};

/** Every effort that all of the APIs have. */
function effortWish(effort: 'minimal' | 'low' | 'medium' | 'high' | 'xhigh', budgetTokens: number): (typeof wishes)[string] {
  return {
    means: { kind: 'on', effort, budgetTokens },
    ways: [
      ['chat', { reasoning_effort: effort }],
      ['chat', { reasoning: { effort } }],
      ['chat', { enable_thinking: true, reasoning_effort: effort }],
      ['openrouter', { reasoning: { effort } }],
      ['responses', { reasoning: { effort } }],
      ...(effort === 'minimal' ? [] : [['messages', { ...adaptive, output_config: { effort } }] as const]),
      ['gateway', { reasoning: effort }],
    ],
  };
}

const everyWay = Object.entries(wishes).flatMap(([wish, { means, ways }]) =>
  ways.map(([reader, said]) => ({ wish, reader, said, means })),
);

test.each(everyWay)('$reader says "$wish" with $said', ({ reader, said, means }) => {
  expect(catalogue.resolve(readers[reader](said)).request.thinking).toEqual(means);
});

describe('a host is told', () => {
  type Told = Readonly<Record<keyof typeof wishes, JsonObject>>;
  const topLevel = (budget: JsonObject): JsonObject => ({ enable_thinking: true, ...budget });
  const template = (said: JsonObject): JsonObject => ({ chat_template_kwargs: said });
  const thinks = template({ enable_thinking: true });

  /** Alibaba, and whoever sells its service with its own words. */
  const budgets = (budget: (tokens: number) => JsonObject): Told => ({
    off: { enable_thinking: false },
    on: { enable_thinking: true },
    minimal: topLevel(budget(1_024)),
    low: topLevel(budget(4_096)),
    medium: topLevel(budget(16_384)),
    high: topLevel(budget(40_960)),
    xhigh: topLevel(budget(81_920)),
    max: topLevel(budget(81_920)),
    '2000 tokens': topLevel(budget(2_000)),
    'earlier thoughts kept': { enable_thinking: true },
  });
  const templated: Told = {
    off: template({ enable_thinking: false }),
    on: thinks,
    minimal: thinks,
    low: thinks,
    medium: thinks,
    high: thinks,
    xhigh: thinks,
    max: thinks,
    '2000 tokens': thinks,
    'earlier thoughts kept': template({ enable_thinking: true, preserve_thinking: true }),
  };
  const object = (tokens: number): JsonObject => ({ reasoning: { enabled: true, max_tokens: tokens } });
  const objects: Told = {
    off: { reasoning: { enabled: false } },
    on: { reasoning: { enabled: true } },
    minimal: object(1_024),
    low: object(4_096),
    medium: object(16_384),
    high: object(40_960),
    xhigh: object(81_920),
    max: object(81_920),
    '2000 tokens': object(2_000),
    'earlier thoughts kept': { reasoning: { enabled: true } },
  };
  const effort = (reasoning_effort: string): JsonObject => ({ reasoning_effort });
  const efforts: Told = {
    off: effort('none'),
    on: {},
    minimal: effort('minimal'),
    low: effort('low'),
    medium: effort('medium'),
    high: effort('high'),
    xhigh: effort('xhigh'),
    max: effort('xhigh'),
    '2000 tokens': effort('low'),
    'earlier thoughts kept': {},
  };

  const hosts: readonly (readonly [QuirksName, string, Told])[] = [
    [
      'dashscope',
      model,
      {
        ...budgets((thinking_budget) => ({ thinking_budget })),
        'earlier thoughts kept': { enable_thinking: true, preserve_thinking: true },
      },
    ],
    ['empiriolabs', 'qwen3-5-flash:variant1', { ...budgets((tokens) => ({ thinking_budget: Math.min(tokens, 80_000) })) }],
    // Its base model lists a switch and no measure.
    ['empiriolabs', 'qwen3-5-flash', budgets(() => ({}))],
    ['aimlapi', model, budgets((thinking_budget) => ({ thinking_budget }))],
    ['vercel', model, objects],
    ['openrouter', model, objects],
    ['vllm', model, templated],
    ['sglang', model, templated],
    ['llama-server', model, templated],
    ['openai', model, efforts],
    ['generic', model, { ...efforts, max: effort('max') }],
    ['ollama', model, { ...efforts, minimal: effort('low'), xhigh: effort('high'), max: effort('high') }],
  ];

  const fields = [
    'enable_thinking',
    'thinking_budget',
    'reasoning_effort',
    'preserve_thinking',
    'chat_template_kwargs',
    'reasoning',
  ];

  test.each(hosts)('in its own words: %s (%s)', (name, upstreamModel, told) => {
    for (const [wish, { ways }] of Object.entries(wishes)) {
      for (const [reader, said] of ways) {
        const request = { ...catalogue.resolve(readers[reader](said)).request, model: upstreamModel };
        const { body } = applyQuirks(openaiChat.client.writeRequest(request).body, request, quirksRows[name]);
        const spoken = Object.fromEntries(Object.entries(body).filter(([field]) => fields.includes(field)));
        expect(spoken, `${wish}: ${reader} ${JSON.stringify(said)}`).toEqual(told[wish]);
      }
    }
  });
});
