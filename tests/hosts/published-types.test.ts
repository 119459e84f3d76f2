import type { MessageCreateParamsBase } from '@anthropic-ai/sdk/resources/messages';
import type { ResponseCreateParamsBase } from 'openai/resources/responses/responses';
import { expect, test } from 'vitest';
import { messagesRows } from '../../src/providers/anthropic-messages/messages-quirks.ts';
import { responsesRows } from '../../src/providers/openai-responses/responses-quirks.ts';
import type { Shape } from '../../src/providers/request-shape.ts';

// The shapes of Anthropic and OpenAI against the types that they publish: the compiler holds the tables, and the tests hold the shapes.

/** `sent`: this server may say it. `ours`: it means something that this server does itself. */
type Use = 'sent' | 'ours';

const anthropic: Readonly<Record<keyof MessageCreateParamsBase, Use>> = {
  max_tokens: 'sent',
  messages: 'sent',
  model: 'sent',
  cache_control: 'sent',
  container: 'sent',
  diagnostics: 'sent',
  inference_geo: 'sent',
  metadata: 'sent',
  output_config: 'sent',
  service_tier: 'sent',
  speed: 'sent',
  stop_sequences: 'sent',
  stream: 'sent',
  system: 'sent',
  thinking: 'sent',
  tool_choice: 'sent',
  tools: 'sent',
  // Headers of Anthropic's own, that the operator sets for a provider where there is need.
  user_profile_id: 'ours',
  workspace_id: 'ours',
};
/** What older models take, and what the types of its beta have. */
const anthropicBeside = ['temperature', 'top_p', 'top_k', 'context_management', 'mcp_servers'];

const openai: Readonly<Record<keyof ResponseCreateParamsBase, Use>> = {
  access_programs: 'ours',
  background: 'ours',
  context_management: 'sent',
  conversation: 'ours',
  image: 'ours',
  include: 'sent',
  input: 'sent',
  instructions: 'sent',
  max_output_tokens: 'sent',
  max_tool_calls: 'sent',
  metadata: 'sent',
  model: 'sent',
  moderation: 'sent',
  parallel_tool_calls: 'sent',
  previous_response_id: 'ours',
  prompt: 'ours',
  prompt_cache_key: 'sent',
  prompt_cache_options: 'sent',
  prompt_cache_retention: 'sent',
  reasoning: 'sent',
  safety_identifier: 'sent',
  service_tier: 'sent',
  store: 'sent',
  stream: 'sent',
  stream_options: 'sent',
  temperature: 'sent',
  text: 'sent',
  tool_choice: 'sent',
  tools: 'sent',
  top_logprobs: 'sent',
  top_p: 'sent',
  truncation: 'sent',
  user: 'sent',
};

function fieldsOf(shape: Shape): readonly string[] {
  if (typeof shape === 'string' || shape.kind !== 'object') throw new Error('a request is an object');
  return Object.keys(shape.fields).toSorted();
}

function sentOf(table: Readonly<Record<string, Use>>): readonly string[] {
  return Object.entries(table).flatMap(([field, use]) => (use === 'sent' ? [field] : []));
}

test('what reaches Anthropic is what @anthropic-ai/sdk has, and what its older models take', () => {
  expect(fieldsOf(messagesRows.anthropic.request)).toEqual([...sentOf(anthropic), ...anthropicBeside].toSorted());
});

test('what reaches the Responses of OpenAI is what openai has', () => {
  expect(fieldsOf(responsesRows.openai.request)).toEqual(sentOf(openai).toSorted());
});
