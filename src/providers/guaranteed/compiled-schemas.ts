import { Ajv, type ErrorObject, type Options } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { isJsonObject, parseJson, type Json, type JsonObject } from '../../model/json.ts';
import { stringFormats } from './string-formats.ts';
import { withinTime } from './within-time.ts';

export interface SchemaLimits {
  /** Of all schemas that are kept compiled. */
  readonly keptCharacters: number;
  readonly compileMs: number;
  /** For one value. */
  readonly checkMs: number;
}

/** 1,500 subschemas compile in 0.9 s on one core of 2026; a value of 64 KB is checked in a few milliseconds. */
export const schemaLimits: SchemaLimits = { keptCharacters: 2_000_000, compileMs: 3_000, checkMs: 500 };

/** What is wrong with a schema or with a value under it. */
export type Verdict =
  | { readonly kind: 'fits' }
  /** One sentence a mistake, for the model and for the caller. */
  | { readonly kind: 'misfit'; readonly complaint: string }
  /** Nothing can be checked against this schema. */
  | { readonly kind: 'bad-schema'; readonly complaint: string };

type Check = (value: Json) => string | undefined;

/**
 * Schemas of callers, compiled once and kept while there is room, the least recently used given up first. Each has a validator of its own,
 * so that the names in one schema mean nothing in another; no reference is ever fetched. Compiling and checking end in time, whatever
 * patterns, references and lists they are about.
 */
export class CompiledSchemas {
  readonly #limits: SchemaLimits;
  /** By text, least recently used first. */
  readonly #kept = new Map<string, Check | string>();
  #keptCharacters = 0;

  constructor(limits: SchemaLimits = schemaLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** `schema` and `value` are JSON as text. */
  verdict(schema: string, value: string | undefined): Verdict {
    const check = this.#compiled(schema);
    if (typeof check === 'string') return { kind: 'bad-schema', complaint: check };
    if (value === undefined) return { kind: 'fits' };
    const parsed = parseJson(value);
    if (parsed === undefined) return { kind: 'misfit', complaint: 'It is no JSON.' };
    const checked = withinTime(this.#limits.checkMs, () => check(parsed));
    if (checked === undefined) {
      const complaint = `An answer cannot be checked against this schema within ${this.#limits.checkMs} ms. Simplify its patterns and references.`;
      return { kind: 'bad-schema', complaint };
    }
    return checked.value === undefined ? { kind: 'fits' } : { kind: 'misfit', complaint: checked.value };
  }

  #compiled(text: string): Check | string {
    const known = this.#kept.get(text);
    if (known !== undefined) {
      this.#kept.delete(text);
      this.#kept.set(text, known);
      return known;
    }
    const made = this.#make(text);
    this.#kept.set(text, made);
    this.#keptCharacters += text.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#keptCharacters <= this.#limits.keptCharacters || oldest === text) break;
      this.#kept.delete(oldest);
      this.#keptCharacters -= oldest.length;
    }
    return made;
  }

  #make(text: string): Check | string {
    const schema = parseJson(text);
    if (!isJsonObject(schema)) return 'A schema is an object.';
    try {
      const made = withinTime(this.#limits.compileMs, () => compile(schema));
      return made?.value ?? `The schema is too large: it was not compiled within ${this.#limits.compileMs} ms.`;
    } catch (error) {
      return error instanceof Error ? `${firstUpper(error.message)}.` : 'No validator can be made of this schema.';
    }
  }
}

/** Every mistake is wanted, so that a model mends them all at once; time and what is said of them are bounded elsewhere. */
const options = {
  strict: false,
  allErrors: true,
  validateSchema: false,
  meta: false,
  logger: false,
  formats: stringFormats,
} as const satisfies Options;

let metaSchemas: { readonly current: Ajv2020; readonly draft7: Ajv } | undefined;

/** Throws an Error that says what is wrong with the schema. */
function compile(schema: JsonObject): Check {
  metaSchemas ??= { current: new Ajv2020({ strict: false, logger: false }), draft7: new Ajv({ strict: false, logger: false }) };
  // The dialect that it names is one that callers copy along; which one it is written in shows by which one takes it.
  const { $schema: named, ...content } = schema;
  const isOlder = typeof named === 'string' && named.includes('draft-0');
  const [first, second] = isOlder ? (['draft7', 'current'] as const) : (['current', 'draft7'] as const);
  const complaint = complaintOf(metaSchemas[first], content);
  const dialect = complaint === undefined ? first : second;
  if (complaint !== undefined && complaintOf(metaSchemas[second], content) !== undefined) throw new Error(complaint);
  const validator = dialect === 'current' ? new Ajv2020(options) : new Ajv(options);
  const validate = validator.compile(content);
  return (value) => {
    if (validate(value)) return undefined;
    return sentences(validate.errors ?? []);
  };
}

function complaintOf(meta: Ajv, schema: JsonObject): string | undefined {
  return meta.validateSchema(schema) === true ? undefined : meta.errorsText(meta.errors, { dataVar: 'schema' });
}

const maxMistakes = 6;
const maxMistakeCharacters = 240;

function sentences(errors: readonly ErrorObject[]): string {
  const told = [...new Set(errors.slice(0, 50).map((error) => sentence(error)))];
  const more = told.length > maxMistakes ? ` And ${told.length - maxMistakes} more.` : '';
  return `${told.slice(0, maxMistakes).join(' ')}${more}`;
}

function sentence({ instancePath, keyword, message, params }: ErrorObject): string {
  const place = instancePath === '' ? 'The value' : instancePath;
  const detail = keyword === 'enum' || keyword === 'const' || keyword === 'additionalProperties' ? `: ${detailOf(params)}` : '';
  const text = `${place} ${message ?? 'does not fit'}${detail}`;
  return `${text.length > maxMistakeCharacters ? `${text.slice(0, maxMistakeCharacters)}…` : text}.`;
}

function detailOf(params: ErrorObject['params']): string {
  return Object.values(params)
    .map((value) => JSON.stringify(value))
    .join(', ');
}

function firstUpper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
