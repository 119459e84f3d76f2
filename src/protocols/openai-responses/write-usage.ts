import type { Bill } from '../../model/event.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Usage } from '../../model/usage.ts';
import { wire } from '../wire/said.ts';
import { costFields } from '../wire/cost-fields.ts';

/**
 * The usage of a response: OpenAI's five fields, all of them numbers even where the host did not tell one (a listed loss), and beside
 * them the kinds of tokens, the cost and the tool counts under the names that chat completions have. `usage.raw` is not written: it is
 * the host's account with us.
 */
export function writeUsage(usage: Usage, bill: Bill | undefined) {
  const { input, output } = usage;
  const inputTokens = input.total ?? 0;
  const outputTokens = output.total ?? 0;
  return {
    input_tokens: inputTokens,
    input_tokens_details: {
      cached_tokens: input.cacheRead ?? 0,
      cache_write_tokens: input.cacheWrite ?? 0,
      ...wire({
        text_tokens: input.text,
        image_tokens: input.image,
        audio_tokens: input.audio,
        video_tokens: input.video,
        cache_type: input.cacheKind === 'explicit' ? 'ephemeral' : undefined,
      }),
    },
    output_tokens: outputTokens,
    output_tokens_details: {
      reasoning_tokens: output.reasoning ?? 0,
      ...wire({
        text_tokens: output.text,
        audio_tokens: output.audio,
        accepted_prediction_tokens: output.acceptedPrediction,
        rejected_prediction_tokens: output.rejectedPrediction,
      }),
    },
    total_tokens: inputTokens + outputTokens,
    ...ourFields(usage, bill),
  };
}

function ourFields({ estimated, toolCalls }: Usage, bill: Bill | undefined): JsonObject {
  const calls = Object.entries(toolCalls).filter(([, times]) => times > 0);
  return wire({
    estimated: estimated === true ? true : undefined,
    ...(bill === undefined ? {} : costFields(bill)),
    tool_usage: calls.length === 0 ? undefined : Object.fromEntries(calls),
  });
}
