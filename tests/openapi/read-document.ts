import { isJsonObject, type Json, type JsonObject } from '../../src/model/json.ts';

/** One operation of an OpenAPI document. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly operation: JsonObject;
}

export function operationsOf(document: JsonObject): readonly Operation[] {
  return Object.entries(requireObject(document['paths'])).flatMap(([path, item]) =>
    Object.entries(requireObject(item, path)).map(([method, operation]) => ({
      method,
      path,
      operation: requireObject(operation, path),
    })),
  );
}

export function requireObject(value: Json | undefined, what = 'this'): JsonObject {
  if (!isJsonObject(value)) throw new Error(`${what} is no object: ${JSON.stringify(value)}`);
  return value;
}

export function textAt(holder: JsonObject, key: string): string {
  const value = holder[key];
  if (typeof value !== 'string') throw new Error(`${key} is no text: ${JSON.stringify(value)}`);
  return value;
}
