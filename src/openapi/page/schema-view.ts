import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';
import { markup, prose, type Html, type Piece } from './markup.ts';
import { isList } from './read-json.ts';

const prefix = '#/components/schemas/';

/** Whole numbers of JSON end there anyway, so that a reader need not be told. */
const largestWhole = Number.MAX_SAFE_INTEGER;

/** The place of a named schema on the page. */
export function schemaId(name: string): string {
  return `schema-${name}`;
}

/** The name that a reference points to. */
export function refName(schema: Json | undefined): string | undefined {
  const target = isJsonObject(schema) ? schema['$ref'] : undefined;
  return typeof target === 'string' && target.startsWith(prefix) ? target.slice(prefix.length) : undefined;
}

/** The type of a value in a few words, named schemas as links: `integer, 1 to 128, or null`. */
export function typeView(schema: Json | undefined): Html {
  if (!isJsonObject(schema)) return markup`anything`;
  const name = refName(schema);
  if (name !== undefined) return markup`<a href="#${schemaId(name)}">${name}</a>`;
  const choices = choicesOf(schema);
  if (choices.length > 0)
    return joined(
      choices.map((choice) => typeView(choice)),
      ' or ',
    );
  const { const: only, enum: words, type } = schema;
  if (only !== undefined) return markup`<code>${JSON.stringify(only)}</code>`;
  if (isList(words))
    return joined(
      words.map((word) => markup`<code>${JSON.stringify(word)}</code>`),
      ' ',
    );
  const types = isList(type) ? type : [type ?? 'anything'];
  return markup`${joined(
    types.map((one) => oneType(typeof one === 'string' ? one : 'anything', schema)),
    ' or ',
  )}${boundsView(schema)}`;
}

function oneType(type: string, schema: JsonObject): Html {
  if (type === 'array') return markup`array of ${typeView(schema['items'])}`;
  const values = schema['additionalProperties'];
  if (type === 'object' && isJsonObject(values)) return markup`object of ${typeView(values)}`;
  return markup`${type}`;
}

function boundsView(schema: JsonObject): Piece {
  const { minimum, maximum, exclusiveMinimum, minItems, maxItems, minLength, maxLength, pattern, default: fallback } = schema;
  const told = [
    typeof minimum === 'number' && minimum > -largestWhole ? `at least ${minimum}` : undefined,
    typeof exclusiveMinimum === 'number' ? `above ${exclusiveMinimum}` : undefined,
    typeof maximum === 'number' && maximum < largestWhole ? `at most ${maximum}` : undefined,
    typeof minItems === 'number' ? `at least ${minItems} entries` : undefined,
    typeof maxItems === 'number' ? `at most ${maxItems} entries` : undefined,
    typeof minLength === 'number' ? `at least ${minLength} characters` : undefined,
    typeof maxLength === 'number' ? `at most ${maxLength} characters` : undefined,
    typeof pattern === 'string' ? markup`like <code>${pattern}</code>` : undefined,
    fallback === undefined ? undefined : markup`else <code>${JSON.stringify(fallback)}</code>`,
  ];
  return told.filter((one) => one !== undefined).map((one) => markup`<span class="bound">${one}</span>`);
}

/** All that a schema says: its sentence, its fields, and those of the objects inside it that have no name. */
export function schemaView(schema: Json | undefined): Html {
  if (!isJsonObject(schema)) return markup``;
  const description = sentence(schema);
  const choices = choicesOf(schema).filter((choice) => isStructured(choice));
  if (choices.length > 0) {
    return markup`${description}
      <ul class="choices">
        ${choices.map((choice) => markup`<li>${typeView(choice)}${fieldsView(choice)}</li>`)}
      </ul>`;
  }
  return markup`${description}${isStructured(schema) ? fieldsView(schema) : markup`<p class="type">${typeView(schema)}</p>`}`;
}

function sentence({ description }: JsonObject): Piece {
  return typeof description === 'string' ? markup`<p>${prose(description)}</p>` : undefined;
}

function fieldsView(schema: Json): Piece {
  const object = fieldsOf(schema);
  if (object === undefined) return undefined;
  const required = isList(object['required']) ? object['required'] : [];
  const properties = isJsonObject(object['properties']) ? object['properties'] : {};
  const rows = Object.entries(properties).map(([name, property]) => fieldView(name, property, required.includes(name)));
  return markup`<dl class="fields">${rows}</dl>`;
}

function fieldView(name: string, schema: Json, isRequired: boolean): Html {
  const deprecated = isJsonObject(schema) && schema['deprecated'] === true ? markup` <b class="tag">deprecated</b>` : undefined;
  const inner = isJsonObject(schema) ? [schema, ...choicesOf(schema)].map((one) => fieldsView(one)) : [];
  return markup`<dt>
      <code>${name}</code>${isRequired ? markup` <b class="tag">required</b>` : undefined}${deprecated}
      <span class="type">${typeView(schema)}</span>
    </dt>
    <dd>${isJsonObject(schema) ? sentence(schema) : undefined}${inner}</dd>`;
}

/** The object whose fields a schema lists: itself, or the entries of a list without a name. */
function fieldsOf(schema: Json): JsonObject | undefined {
  if (!isJsonObject(schema)) return undefined;
  if (isJsonObject(schema['properties'])) return schema;
  const { items, additionalProperties } = schema;
  return (
    (items === undefined ? undefined : fieldsOf(items)) ??
    (additionalProperties === undefined ? undefined : fieldsOf(additionalProperties))
  );
}

function isStructured(schema: Json): boolean {
  return fieldsOf(schema) !== undefined || refName(schema) !== undefined;
}

function choicesOf({ anyOf: any, oneOf: one }: JsonObject): readonly Json[] {
  const choices = any ?? one;
  return isList(choices) ? choices : [];
}

function joined(pieces: readonly Html[], between: string): Html {
  return markup`${pieces.map((piece, index) => (index === 0 ? piece : markup`${between}${piece}`))}`;
}
