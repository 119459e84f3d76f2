import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/model/json.ts';
import { chatRequest } from '../support/arbitraries/chat-wire.ts';

const user = { role: 'user', content: 'Hello' };
const weather = {
  type: 'function',
  function: {
    name: 'weather',
    description: 'The weather of a city.',
    parameters: {
      type: 'object',
      properties: { city: { enum: ['Berlin', 'Rome'] }, days: { type: 'integer' } },
      required: ['city'],
    },
    strict: true,
  },
};
const asked = {
  role: 'assistant',
  content: null,
  reasoning_content: 'I should look.',
  tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } }],
};
const person = {
  type: 'object',
  properties: { name: { type: 'string', maxLength: 9 }, age: { type: 'integer', minimum: 0, maximum: 99 } },
  required: ['name', 'age'],
  additionalProperties: false,
};

/** Requests that the engine answers, one for each thing that it can do. */
const answerable: readonly JsonObject[] = [
  { messages: [user], enable_thinking: false, seed: 7 },
  { messages: [{ role: 'system', content: 'Be brief.' }, user], enable_thinking: true, thinking_budget: 3 },
  { messages: [user], temperature: 0.5, top_p: 0.8, top_k: 20, min_p: 0.1, repetition_penalty: 1.1, stop: ['a', '\n\n'] },
  { messages: [user], frequency_penalty: 0.5, presence_penalty: -0.5, logit_bias: { 7: 5, 2050: -100 } },
  { messages: [user], logprobs: true, top_logprobs: 3, n: 2, reasoning_effort: 'none' },
  { messages: [user], response_format: { type: 'json_object' }, stream: true },
  { messages: [user], response_format: { type: 'json_schema', json_schema: { name: 'person', schema: person, strict: true } } },
  { messages: [user], tools: [weather], tool_choice: 'required', parallel_tool_calls: false },
  { messages: [user], tools: [weather], tool_choice: { type: 'function', function: { name: 'weather' } }, stream: true },
  { messages: [user, asked, { role: 'tool', tool_call_id: 'call_1', content: 'Sunny.' }], tools: [weather] },
  {
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
    stream: true,
    stream_options: { include_usage: true },
  },
];

/** Models and the faults that they are made to answer with. */
const modelStatuses: Readonly<Record<string, readonly number[]>> = {
  'qwen3.5-flash': [],
  'alibaba/qwen3.5-omni-flash': [],
  'qwen3-5-flash:variant1': [],
  'scripted/echo': [],
  'scripted/thinking-after-text': [],
  'scripted/parallel-tools': [],
  'scripted/n': [],
  'scripted/usage-growing': [],
  'scripted/empty': [],
  'scripted/429': [429],
  'scripted/500': [502],
  'scripted/cut-mid-tool-call': [502],
  'scripted/error-mid-stream': [503],
};

/** Statuses of 500 and above that the body's model is there to give. */
export function ownStatuses({ model: id }: JsonObject): readonly number[] {
  return (typeof id === 'string' && Object.hasOwn(modelStatuses, id) ? modelStatuses[id] : undefined) ?? [];
}

const model = fc.oneof({ weight: 3, arbitrary: fc.constant('qwen3.5-flash') }, fc.constantFrom(...Object.keys(modelStatuses)));

/** Right requests: the ones above, and whatever else the protocol can say. */
export const rightBody: fc.Arbitrary<JsonObject> = fc
  .tuple(model, fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...answerable) }, chatRequest))
  .map(([id, body]): JsonObject => ({ ...body, model: id }));

const mostTokens = 6;

/** The same body, where it is valid cheap to answer: what limits the answer is small or wrong, never large or absent. */
export function cheap(body: JsonObject): JsonObject {
  return {
    ...body,
    ...(body['max_tokens'] === undefined ? {} : { max_tokens: small(body['max_tokens']) }),
    max_completion_tokens: small(body['max_completion_tokens'] ?? mostTokens),
  };
}

function small(limit: Json): Json {
  if (limit === null) return mostTokens;
  return typeof limit === 'number' && Number.isInteger(limit) ? Math.min(limit, mostTokens) : limit;
}
