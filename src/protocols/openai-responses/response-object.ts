import type { Bill, ToldAttempt } from '../../model/event.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { Usage } from '../../model/usage.ts';
import type { Envelope } from '../codec.ts';
import { writeNotice } from '../wire/notice-objects.ts';
import { wire } from '../wire/said.ts';
import { writeRouting } from '../wire/told-routing.ts';
import { writeMeta } from '../openai-chat/write-usage.ts';
import { echoedFields } from './echoed-fields.ts';
import { Notices } from '../wire/notices.ts';
import { writeOptions } from './write-request.ts';
import { writeUsage } from './write-usage.ts';

export type ResponseStatus = 'in_progress' | 'completed' | 'incomplete' | 'failed';

/** What is the same in every object of one response. */
export interface ResponseHead {
  readonly envelope: Envelope;
  readonly model: string;
  readonly provider?: string;
  readonly attempts?: readonly ToldAttempt[];
  /** What the response repeats of its request. */
  readonly echo: JsonObject;
}

/** What becomes known while it is answered. */
export interface ResponseProgress {
  readonly status: ResponseStatus;
  readonly output: JsonObject[];
  readonly incompleteReason?: 'max_output_tokens' | 'content_filter';
  readonly usage?: Usage;
  readonly bill?: Bill;
  readonly notices: readonly Notice[];
  readonly nativeReason?: string;
  readonly stopSequence?: string;
}

/** What OpenAI tells where a request said nothing. The types want these keys; temperature and top_p are the model's own. */
const unsaid = {
  access_programs: null,
  background: false,
  instructions: null,
  max_output_tokens: null,
  metadata: {},
  parallel_tool_calls: true,
  previous_response_id: null,
  reasoning: { effort: null, summary: null },
  temperature: null,
  text: { format: { type: 'text' as const } },
  tool_choice: 'auto' as const,
  tools: [],
  top_p: null,
  truncation: 'disabled' as const,
};

/**
 * A whole response object. `provider`, `routing`, `meta`, `notices`, `native_finish_reason` and `stop_reason` are ours, under the names that chat
 * completions have; all measured clients pass over them (openai 6 and 7, @ai-sdk/openai 3 and 4, 2026-11).
 */
export function responseObject({ envelope, model, provider, attempts, echo }: ResponseHead, progress: ResponseProgress) {
  const { status, output, incompleteReason, usage, bill, notices } = progress;
  return {
    ...unsaid,
    ...echo,
    id: envelope.id,
    object: 'response' as const,
    created_at: envelope.createdAt,
    model,
    status,
    output,
    error: status === 'failed' ? modelFailed : null,
    incomplete_details: incompleteReason === undefined ? null : { reason: incompleteReason },
    ...(usage === undefined ? {} : { usage: writeUsage(usage, bill) }),
    ...wire({
      provider,
      routing: writeRouting(attempts),
      meta: bill === undefined ? undefined : writeMeta(bill, envelope.creditsPerUsd),
      notices: notices.length === 0 ? undefined : notices.map(writeNotice),
      native_finish_reason: progress.nativeReason,
      stop_reason: progress.stopSequence,
    }),
  };
}

/** A host that ends its answer with an error says no more of it. @ai-sdk/openai wants a type too. */
const modelFailed = { code: 'server_error' as const, type: 'server_error', message: 'The host ended the answer with an error.' };

/** `beyond`: what the API around the codec adds, such as the conversation; it wins. */
export function echoOf(request: GenerateRequest | undefined, beyond: JsonObject | undefined): JsonObject {
  if (request === undefined) return beyond ?? {};
  const options = Object.entries(writeOptions(request, new Notices('openai-responses', 'Responses have no')));
  return { ...Object.fromEntries(options.filter(([key, value]) => echoedFields.has(key) && value !== null)), ...beyond };
}
