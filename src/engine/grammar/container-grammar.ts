import type { Json } from '../../model/json.ts';
import { choice, empty, nothing, optional, repeat, sequence } from './gbnf.ts';
import type { Expression } from './gbnf.ts';
import type { SchemaCompiler, Standing } from './schema-compiler.ts';
import { isList } from './schema-words.ts';
import type { SchemaWords } from './schema-words.ts';
import { otherKey } from './text-without.ts';

/**
 * An object: the declared properties in their order, the optional ones really optional, then further entries.
 *
 * Without `additionalProperties`, JSON Schema allows any further key. Here an object that declares properties gets none: what
 * nobody described would be noise, and `strict` schemas forbid it anyway. An object that declares nothing may hold anything.
 */
export function objectGrammar(compiler: SchemaCompiler, words: SchemaWords, at: Standing): Expression {
  const declared = words.named('properties');
  const required = new Set(words.names('required'));
  const names = new Set(declared.map(([name]) => name));
  const others = words.schema['additionalProperties'];
  const undeclared = [...required].filter((name) => !names.has(name));
  const properties: Property[] = [
    ...declared.map(([name, schema]) => ({ name, schema, path: `.properties.${name}`, required: required.has(name) })),
    ...undeclared.map((name) => ({ name, schema: others ?? true, path: '.additionalProperties', required: true })),
  ];
  const entries = properties.map((property) => {
    const value = compiler.compile(property.schema, compiler.below(at, property.path));
    const entry = compiler.rules.entry(compiler.rules.json(property.name), value);
    return { entry: compiler.grammar.add(`entry-${property.name}`, entry), required: property.required };
  });
  const further = furtherEntry(
    compiler,
    properties.map(({ name }) => name),
    others ?? declared.length === 0,
    at,
  );
  noteCounts(compiler, words, properties, further);
  const [min = 0, max] = properties.length === 0 ? compiler.counts(words, 'minProperties', 'maxProperties') : [];
  const rest = further === undefined ? undefined : compiler.grammar.add('further', compiler.rules.next(further));
  const tail =
    rest === undefined ? empty : repeat(rest, Math.max(min - 1, 0), max === undefined ? undefined : Math.max(max - 1, 0));
  const alone = further === undefined || max === 0 ? empty : sequence(further, tail);
  const first = min === 0 ? optional(alone) : alone;
  return compiler.rules.bracketed('{', entriesInOrder(compiler, entries, first, tail), '}');
}

interface Property {
  readonly name: string;
  readonly schema: Json;
  readonly path: string;
  readonly required: boolean;
}

/** Entries with commas between those that are there. `alone`: what may follow no entry at all; `tail`: what follows the last. */
function entriesInOrder(
  compiler: SchemaCompiler,
  entries: readonly { readonly entry: Expression; readonly required: boolean }[],
  alone: Expression,
  tail: Expression,
): Expression {
  let first = alone;
  let after = tail;
  // From the last to the first: each step knows what may follow it, so the size stays linear.
  for (const { entry, required } of entries.toReversed()) {
    const begins = sequence(entry, after);
    first = required ? begins : choice(begins, first);
    const comma = compiler.rules.next(entry);
    after = compiler.grammar.add('after', sequence(required ? comma : optional(comma), after));
  }
  return first;
}

function furtherEntry(compiler: SchemaCompiler, names: readonly string[], schema: Json, at: Standing): Expression | undefined {
  if (schema === false) return undefined;
  const value = compiler.compile(schema, compiler.below(at, '.additionalProperties'));
  const key = names.length === 0 ? compiler.rules.string : otherKey(compiler.grammar, compiler.rules.special, names);
  return compiler.rules.entry(key, value);
}

function noteCounts(
  compiler: SchemaCompiler,
  words: SchemaWords,
  properties: readonly Property[],
  further: Expression | undefined,
): void {
  const min = words.count('minProperties') ?? 0;
  const max = words.count('maxProperties') ?? Number.POSITIVE_INFINITY;
  const sure = properties.filter((property) => property.required).length;
  // Two further entries may have the same key, and then count as one.
  if (min > Math.max(sure, properties.length === 0 ? 1 : 0)) compiler.unenforced.add('minProperties');
  if (properties.length > 0 && (further !== undefined || max < properties.length) && Number.isFinite(max)) {
    compiler.unenforced.add('maxProperties');
  }
  if (further === undefined) return;
  for (const keyword of ['patternProperties', 'propertyNames']) {
    if (words.schema[keyword] !== undefined) compiler.unenforced.add(keyword);
  }
}

/** An array: the positions of `prefixItems` (or draft 7's list of `items`), then items alike. */
export function arrayGrammar(compiler: SchemaCompiler, words: SchemaWords, at: Standing): Expression {
  const { items } = words.schema;
  const listed = isList(items)
    ? { schemas: items, keyword: 'items' }
    : { schemas: words.list('prefixItems') ?? [], keyword: 'prefixItems' };
  const others = isList(items) ? words.schema['additionalItems'] : items;
  const [min = 0, max] = compiler.counts(words, 'minItems', 'maxItems');
  const positions = listed.schemas
    .slice(0, max)
    .map((schema, index) => compiler.compile(schema, compiler.below(at, `.${listed.keyword}[${index}]`)));
  const item = others === undefined ? compiler.rules.value : compiler.compile(others, compiler.below(at, '.items'));
  const next = compiler.grammar.add('next-item', compiler.rules.next(item));
  const beyond = Math.max(min - positions.length, 0);
  const left = max === undefined ? undefined : max - positions.length;
  let after = repeat(next, beyond, left);
  for (let index = positions.length - 1; index > 0; index--) {
    const position = sequence(compiler.rules.next(positions[index] ?? nothing), after);
    after = compiler.grammar.add('after-item', index < min ? position : optional(position));
  }
  const [first] = positions;
  const alone = left === 0 && first === undefined ? empty : sequence(item, repeat(next, Math.max(beyond - 1, 0), less(left)));
  const content = first === undefined ? alone : sequence(first, after);
  return compiler.rules.bracketed('[', min > 0 ? content : optional(content), ']');
}

function less(count: number | undefined): number | undefined {
  return count === undefined ? undefined : Math.max(count - 1, 0);
}
