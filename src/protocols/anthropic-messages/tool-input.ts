import { isJsonObject, parseJson } from '../../model/json.ts';
import type { JsonObject } from '../../model/json.ts';

/**
 * Arguments are text in the model, because a model may write what is no JSON, and an object on this wire. Text that is no object goes into
 * the wrapper that Anthropic's documentation proposes for invalid input of streamed tools, and is taken out of it again.
 */
const wrapperKey = 'INVALID_JSON';

export function readInput(input: JsonObject): string {
  const wrapped = input[wrapperKey];
  return typeof wrapped === 'string' && Object.keys(input).length === 1 ? wrapped : JSON.stringify(input);
}

/** `isWrapped` where the text was no JSON object. No text at all means no arguments. */
export function writeInput(argumentsText: string): { readonly input: JsonObject; readonly isWrapped: boolean } {
  if (argumentsText.trim() === '') return { input: {}, isWrapped: false };
  const input = parseJson(argumentsText);
  return isJsonObject(input) ? { input, isWrapped: false } : { input: { [wrapperKey]: argumentsText }, isWrapped: true };
}
