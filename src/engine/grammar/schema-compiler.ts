import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import { jsonType } from '../parse/argument-types.ts';
import type { JsonType } from '../parse/argument-types.ts';
import { choice, literal, maxRepetitions, nothing, repeat, rule, sequence } from './gbnf.ts';
import type { Expression, Grammar } from './gbnf.ts';
import { integerRange } from './integer-range.ts';
import type { JsonRules } from './json-rules.ts';
import { arrayGrammar, objectGrammar } from './container-grammar.ts';
import { patternGrammar } from './pattern-grammar.ts';
import {
  alternatives,
  areDisjoint,
  impliedTypes,
  maxSchemaDepth,
  referenced,
  unmerged,
  validatingKeys,
} from './schema-alternatives.ts';
import { SchemaWords, isList, schemaFault } from './schema-words.ts';
import { stringFormats } from './string-formats.ts';

/** Where a schema stands: how deep, and inside of which references that have not yet cost a character. */
export interface Standing {
  readonly path: string;
  readonly depth: number;
  readonly references: readonly string[];
}

/** Subschemas of one document. 3,000 optional properties took 2.2 s to compile, in which no answer moves (measured). */
const maxCompiled = 1_500;
const maxEnumValues = 2_000;
const maxEnumCharacters = 200_000;

/** Turns schemas of one document into expressions of a grammar. Keywords that only narrow further are left out and noted. */
export class SchemaCompiler {
  readonly grammar: Grammar;
  readonly rules: JsonRules;
  /** The keywords that were left out. */
  readonly unenforced = new Set<string>();
  /** The first place at which nothing is valid. */
  contradiction: string | undefined;
  readonly #root: JsonObject;
  readonly #references = new Map<string, string>();
  #compiled = 0;

  constructor(grammar: Grammar, rules: JsonRules, root: JsonObject) {
    this.grammar = grammar;
    this.rules = rules;
    this.#root = root;
  }

  compile(schema: Json, at: Standing): Expression {
    if (at.depth > maxSchemaDepth) throw schemaFault(at.path, `The schema is nested deeper than ${maxSchemaDepth}.`);
    if (++this.#compiled > maxCompiled) throw schemaFault(at.path, `The schema has more than ${maxCompiled} subschemas.`);
    if (schema === true) return this.rules.value;
    if (schema === false) return this.#nothing(at.path);
    if (!isJsonObject(schema)) throw schemaFault(at.path, 'A schema is an object, true or false.');
    const [key, ...others] = validatingKeys(schema);
    if (key !== undefined && others.length === 0) {
      const { $ref, [key]: value } = schema;
      if (key === '$ref' && typeof $ref === 'string') return this.#reference($ref, at);
      if ((key === 'anyOf' || key === 'oneOf') && isList(value)) return this.#branches(key, value, at);
      if (key === 'allOf' && isList(value) && value.length === 1) {
        return this.compile(value[0] ?? true, { ...at, path: `${at.path}.allOf[0]`, depth: at.depth + 1 });
      }
    }
    if (isList(schema['oneOf'])) this.#noteOverlap(schema['oneOf']);
    const flat = alternatives(schema, { root: this.#root, visits: 0 }, at.path);
    return flat.length === 0 ? this.#nothing(at.path) : choice(...flat.map((one) => this.#flat(one, at)));
  }

  /** The standing of a schema below this one, a character or more further on. */
  below(at: Standing, step: string): Standing {
    return { path: `${at.path}${step}`, depth: at.depth + 1, references: [] };
  }

  #reference(reference: string, at: Standing): Expression {
    if (at.references.includes(reference)) throw schemaFault(`${at.path}.$ref`, `"${reference}" refers to itself without end.`);
    const known = this.#references.get(reference);
    if (known !== undefined) return rule(known);
    const target = referenced(this.#root, reference, at.path);
    const name = this.grammar.reserve(`ref-${reference.split('/').at(-1) ?? ''}`);
    this.#references.set(reference, name);
    const standing = { path: `${at.path}.$ref`, depth: at.depth + 1, references: [...at.references, reference] };
    this.grammar.define(name, this.compile(target, standing));
    return rule(name);
  }

  #branches(keyword: 'anyOf' | 'oneOf', branches: readonly Json[], at: Standing): Expression {
    if (keyword === 'oneOf') this.#noteOverlap(branches);
    if (branches.length === 0) throw schemaFault(`${at.path}.${keyword}`, `"${keyword}" must name at least one schema.`);
    return choice(
      ...branches.map((branch, index) =>
        this.compile(branch, { ...at, path: `${at.path}.${keyword}[${index}]`, depth: at.depth + 1 }),
      ),
    );
  }

  #noteOverlap(branches: readonly Json[]): void {
    const overlap = branches.some((one, index) =>
      branches.slice(index + 1).some((other) => !areDisjoint(one, other, this.#root)),
    );
    if (overlap) this.unenforced.add('oneOf');
  }

  /** A schema without combinators. */
  #flat(schema: JsonObject, at: Standing): Expression {
    const words = new SchemaWords(schema, at.path);
    for (const keyword of neverEnforced) if (schema[keyword] !== undefined) this.unenforced.add(keyword);
    for (const keyword of words.names(unmerged)) this.unenforced.add(keyword);
    const types = words.types() ?? impliedTypes(schema);
    const values = words.list('enum');
    if (values !== undefined) return this.#enumeration(values, schema['type'] === undefined ? undefined : types, words);
    if (types === undefined) return this.rules.value;
    const distinct = types.includes('number') ? types.filter((type) => type !== 'integer') : types;
    const nullable = schema['nullable'] === true && !types.includes('null') ? [this.rules.null] : [];
    return choice(...distinct.map((type) => this.#typed(type, words, at)), ...nullable);
  }

  #enumeration(values: readonly Json[], types: readonly JsonType[] | undefined, words: SchemaWords): Expression {
    if (values.length > maxEnumValues) throw schemaFault(words.at('enum'), `An enum may have at most ${maxEnumValues} values.`);
    const nullable = words.schema['nullable'] === true;
    const allowed = values.filter((value) => {
      const type = jsonType(value);
      return (
        types === undefined ||
        types.includes(type) ||
        (type === 'integer' && types.includes('number')) ||
        (nullable && value === null)
      );
    });
    if (JSON.stringify(allowed).length > maxEnumCharacters)
      throw schemaFault(words.at('enum'), 'The values of the enum are too long.');
    for (const key of validatingKeys(words.schema)) {
      if (key !== 'type' && key !== 'enum' && key !== 'nullable' && key !== unmerged) this.unenforced.add(key);
    }
    return allowed.length === 0 ? this.#nothing(words.path) : choice(...allowed.map((value) => this.rules.json(value)));
  }

  #typed(type: JsonType, words: SchemaWords, at: Standing): Expression {
    switch (type) {
      case 'string':
        return this.#string(words);
      case 'integer':
        return this.#integer(words);
      case 'number':
        return this.#number(words);
      case 'boolean':
        return this.rules.boolean;
      case 'null':
        return this.rules.null;
      case 'object':
        return objectGrammar(this, words, at);
      case 'array':
        return arrayGrammar(this, words, at);
    }
  }

  #string(words: SchemaWords): Expression {
    const [min = 0, max] = this.counts(words, 'minLength', 'maxLength');
    const pattern = words.text('pattern');
    const format = words.text('format');
    const content = this.#pattern(pattern, words) ?? (format === undefined ? undefined : stringFormats.get(format));
    if (format !== undefined && (content === undefined || content !== stringFormats.get(format))) this.unenforced.add('format');
    if (content === undefined && min === 0 && max === undefined) return this.rules.string;
    if (content !== undefined && min > 0) this.unenforced.add('minLength');
    if (content !== undefined && max !== undefined) this.unenforced.add('maxLength');
    return sequence(literal('"'), content ?? repeat(this.rules.character, min, max), literal('"'));
  }

  #pattern(pattern: string | undefined, words: SchemaWords): Expression | undefined {
    if (pattern === undefined) return undefined;
    if (!isPattern(pattern)) throw schemaFault(words.at('pattern'), 'The pattern is no regular expression.');
    const expression = patternGrammar(pattern, this.grammar, this.rules);
    if (expression === undefined) this.unenforced.add('pattern');
    return expression;
  }

  /** Bounds of a repetition. A maximum beyond what the engine can count is left out; a minimum cannot be. */
  counts(words: SchemaWords, least: string, most: string): readonly [min: number | undefined, max: number | undefined] {
    const min = words.count(least);
    const max = words.count(most);
    if (min !== undefined && min > maxRepetitions)
      throw schemaFault(words.at(least), `"${least}" may be at most ${maxRepetitions}.`);
    if (min !== undefined && max !== undefined && min > max) {
      throw schemaFault(words.at(least), `"${least}" is above "${most}": nothing is valid.`);
    }
    if (max === undefined || max <= maxRepetitions) return [min, max];
    this.unenforced.add(most);
    return [min, undefined];
  }

  #integer(words: SchemaWords): Expression {
    const [min, max] = integerBounds(words);
    if (min === undefined && max === undefined) return this.rules.integer;
    if (min !== undefined && max !== undefined && min > max) return this.#nothing(words.path);
    return this.grammar.add('integer-range', integerRange(min, max));
  }

  #number(words: SchemaWords): Expression {
    const min = words.number('minimum') ?? words.number('exclusiveMinimum');
    for (const keyword of ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum']) {
      const fromZero = keyword === 'minimum' && min === 0;
      if (words.number(keyword) !== undefined && !fromZero) this.unenforced.add(keyword);
    }
    return min !== undefined && min >= 0 ? this.rules.numberFromZero : this.rules.number;
  }

  #nothing(path: string): Expression {
    this.contradiction ??= path;
    return nothing;
  }
}

/** Both kinds of bounds as included whole numbers. Draft 4's `exclusiveMinimum: true` is refused as a keyword of the wrong type. */
function integerBounds(words: SchemaWords): readonly [min: bigint | undefined, max: bigint | undefined] {
  const lower = [words.number('minimum'), exclusive(words.number('exclusiveMinimum'), 1)].filter((bound) => bound !== undefined);
  const upper = [words.number('maximum'), exclusive(words.number('exclusiveMaximum'), -1)].filter((bound) => bound !== undefined);
  const min = lower.length === 0 ? undefined : BigInt(Math.ceil(Math.max(...lower)));
  const max = upper.length === 0 ? undefined : BigInt(Math.floor(Math.min(...upper)));
  return [min, max];
}

/** The nearest whole number on the inner side of a bound that is itself left out. */
function exclusive(bound: number | undefined, step: 1 | -1): number | undefined {
  if (bound === undefined) return undefined;
  return step === 1 ? Math.floor(bound) + 1 : Math.ceil(bound) - 1;
}

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

const neverEnforced: ReadonlySet<string> = new Set(
  (
    'multipleOf not if then else uniqueItems contains minContains maxContains contentEncoding dependentRequired ' +
    'dependentSchemas dependencies unevaluatedProperties unevaluatedItems $dynamicRef'
  ).split(' '),
);
