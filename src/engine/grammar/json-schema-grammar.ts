import type { JsonObject } from '../../model/json.ts';
import { Grammar } from './gbnf.ts';
import { JsonRules } from './json-rules.ts';
import { SchemaCompiler } from './schema-compiler.ts';
import { schemaFault } from './schema-words.ts';

/**
 * A JSON Schema as GBNF with the root rule `root`. The text ends with the closed value. What the grammar cannot say and would only
 * narrow further is left out (see `unenforcedKeywords`): validate the finished text.
 *
 * Differences to JSON Schema, on purpose: an object that declares properties gets no further ones unless `additionalProperties`
 * asks for them; properties come in the order of their declaration; a schema without `type` is of the type its keywords speak of.
 *
 * Throws `invalid_schema`, its `param` leading from `path` to the place: unresolvable or endless references, contradictions,
 * keywords of a wrong type, nesting deeper than 64, more repetitions or values than an engine can count.
 */
export function jsonSchemaGrammar(schema: JsonObject, path: string): string {
  return compiled(schema, path).grammar;
}

/** Any JSON object. */
export function jsonObjectGrammar(): string {
  const grammar = new Grammar();
  const { object } = new JsonRules(grammar);
  return printed(grammar.print(object), '');
}

/** The keywords of a schema that its grammar leaves out, sorted. Throws as `jsonSchemaGrammar` does. */
export function unenforcedKeywords(schema: JsonObject): string[] {
  return [...compiled(schema, 'schema').unenforced].toSorted();
}

function compiled(schema: JsonObject, path: string): { readonly grammar: string; readonly unenforced: ReadonlySet<string> } {
  const grammar = new Grammar();
  const compiler = new SchemaCompiler(grammar, new JsonRules(grammar), schema);
  const root = compiler.compile(schema, { path, depth: 0, references: ['#'] });
  return { grammar: printed(grammar.print(root), compiler.contradiction ?? path), unenforced: compiler.unenforced };
}

function printed(text: string | undefined, path: string): string {
  if (text === undefined) throw schemaFault(path, 'Nothing is valid under this schema, or nothing of finite length.');
  return text;
}
