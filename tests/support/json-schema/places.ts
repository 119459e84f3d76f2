import { isJsonObject, type Json, type JsonObject } from '../../../src/model/json.ts';
import { isList, type SchemaChecker } from './schema-checker.ts';

/** A value inside a body, with the schema that it was made by. */
export interface Place {
  readonly path: readonly (string | number)[];
  readonly schema: JsonObject;
  readonly value: Json;
}

/** All places of a body that its schema says something about, the body itself left out. */
export function placesOf(schema: JsonObject, body: Json, checker: SchemaChecker): readonly Place[] {
  return [...walk({ path: [], schema, value: body }, checker)].filter(({ path }) => path.length > 0);
}

function* walk(place: Place, checker: SchemaChecker): Generator<Place> {
  const { path, value } = place;
  const schema = checker.resolve(place.schema);
  yield { path, schema, value };
  const choices = schema['anyOf'] ?? schema['oneOf'];
  if (isList(choices)) {
    const fitting = choices.find((choice) => isJsonObject(choice) && checker.accepts(choice, value));
    if (isJsonObject(fitting)) yield* walk({ path, schema: fitting, value }, checker);
    return;
  }
  if (isList(value)) {
    const { items } = schema;
    if (!isJsonObject(items)) return;
    for (const [index, item] of value.entries()) yield* walk({ path: [...path, index], schema: items, value: item }, checker);
  } else if (isJsonObject(value)) {
    yield* walkFields({ path, schema, value }, checker);
  }
}

function* walkFields({ path, schema, value }: Place & { readonly value: JsonObject }, checker: SchemaChecker): Generator<Place> {
  const { properties, additionalProperties } = schema;
  for (const [name, field] of Object.entries(value)) {
    const own = isJsonObject(properties) && Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    if (isJsonObject(own)) yield* walk({ path: [...path, name], schema: own, value: field }, checker);
  }
}

/** The path as refusals write it: `messages[0].content[1].text`. */
export function pathText(path: readonly (string | number)[]): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
}

/** The body with another value at a place; with none where the value is undefined. */
export function replaced(body: Json, [step, ...rest]: readonly (string | number)[], value: Json | undefined): Json {
  if (step === undefined) return value ?? null;
  if (isList(body)) {
    if (rest.length === 0 && value === undefined) return body.filter((_, index) => index !== step);
    return body.map((item, index) => (index === step ? replaced(item, rest, value) : item));
  }
  if (!isJsonObject(body)) throw new Error(`nothing stands at ${JSON.stringify(step)}`);
  const others = Object.entries(body).filter(([name]) => name !== step);
  if (rest.length === 0 && value === undefined) return Object.fromEntries(others);
  return Object.fromEntries(
    Object.entries(body).map(([name, field]) => [name, name === step ? replaced(field, rest, value) : field]),
  );
}

/** Values of every type, and those just beyond the ranges of the schema. */
export function candidates({ schema, value }: Place): readonly (Json | undefined)[] {
  const { minimum, maximum, exclusiveMinimum, maxItems } = schema;
  return [
    undefined,
    null,
    true,
    0.5,
    -3,
    'no such word',
    '',
    [],
    [null],
    {},
    ...(typeof minimum === 'number' ? [minimum - 1] : []),
    ...(typeof maximum === 'number' && maximum < Number.MAX_SAFE_INTEGER ? [maximum + 1] : []),
    ...(typeof exclusiveMinimum === 'number' ? [exclusiveMinimum] : []),
    ...(typeof maxItems === 'number' && isList(value) && value[0] !== undefined
      ? [Array.from({ length: maxItems + 1 }, () => value[0] ?? null)]
      : []),
  ];
}
