import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';

/*
 * The page is made of a document that this program wrote, but a document is JSON: what is not of the form that is looked for is shown as
 * nothing.
 */

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

export function textAt(holder: JsonObject, key: string): string {
  const value = holder[key];
  return typeof value === 'string' ? value : '';
}

export function objectAt(holder: JsonObject, key: string): JsonObject {
  const value = holder[key];
  return isJsonObject(value) ? value : {};
}
