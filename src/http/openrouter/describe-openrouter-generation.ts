import type { CallFacts, RequestRecord } from '../../ledger/request-record.ts';
import { faults } from '../../model/fault.ts';
import type { JsonObject } from '../../model/json.ts';
import { describeGeneration } from '../describe-generation.ts';

/**
 * One call as OpenRouter's `GET /generation` tells it, with every field that `@openrouter/sdk` 1.3.19 requires. What flashmux does not
 * keep (who asked from where, what was moderated) is told as unknown.
 */
export function describeOpenrouterGeneration(record: RequestRecord, call: CallFacts): JsonObject {
  const described = describeGeneration(record, call);
  const { input, output } = record.usage ?? { input: {}, output: {} };
  return {
    ...unkept,
    ...described,
    tokens_prompt: input.total ?? 0,
    tokens_completion: output.total ?? 0,
    num_search_results: record.usage?.toolCalls['web_search'] ?? 0,
    num_fetches: record.usage?.toolCalls['web_extractor'] ?? 0,
    provider_responses: call.attempts.map(({ provider, model, durationMs, fault }, position) => ({
      provider_name: provider,
      model_permaslug: model,
      latency: durationMs,
      status: fault === undefined ? 200 : faults[fault].status,
      // Kept of the call as a whole: of the host that was asked last.
      is_byok: call.usedOwnKey === true && position === call.attempts.length - 1,
    })),
  };
}

const unkept = {
  api_type: 'completions',
  app_id: null,
  cache_discount: null,
  data_region: 'global',
  http_referer: null,
  moderation_latency: null,
  native_finish_reason: null,
  native_tokens_completion_images: null,
  num_input_audio_prompt: null,
  num_media_completion: null,
  num_media_prompt: null,
  origin: '',
  preset_id: null,
  router: null,
  service_tier: null,
  upstream_id: null,
  user_agent: null,
  web_search_engine: null,
  workspace_id: null,
} as const;
