import { parseJson } from '../../model/json.ts';
import { jsonType } from './argument-types.ts';
import type { JsonType } from './argument-types.ts';

/**
 * A parameter's text as JSON. Strings stand bare in the call; other types are JSON already, and what is no JSON becomes a string
 * rather than lost. Python's words for constants are taken too: Qwen's template shows them to the model in its history.
 */
export function argumentJson(text: string, types: ReadonlySet<JsonType> | undefined): string {
  if (types === undefined || isBare(types)) return JSON.stringify(text);
  const written = text.trim();
  const json = pythonConstants.get(written) ?? written;
  const value = parseJson(json);
  if (value === undefined) return JSON.stringify(text);
  // With a string among the types, only a value of another allowed type is no string: `"5"` for string or integer.
  if (types.has('string') && !allows(types, jsonType(value))) return JSON.stringify(text);
  return json;
}

/** True where the value is a string for certain, so that it can be passed on while it is being written. */
export function isBare(types: ReadonlySet<JsonType> | undefined): boolean {
  return types === undefined || types.size === 0 || (types.size === 1 && types.has('string'));
}

function allows(types: ReadonlySet<JsonType>, type: JsonType): boolean {
  return type !== 'string' && (types.has(type) || (type === 'integer' && types.has('number')));
}

const pythonConstants: ReadonlyMap<string, string> = new Map([
  ['True', 'true'],
  ['False', 'false'],
  ['None', 'null'],
]);
