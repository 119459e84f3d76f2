import type { JsonObject } from '../../model/json.ts';

/** The reply of `/v1/messages/count_tokens`. `inputTokens`: a whole number from 0. */
export function writeTokenCount(inputTokens: number): JsonObject {
  return { input_tokens: inputTokens };
}
