import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Tool } from '../../model/request.ts';
import { argumentTypes } from '../parse/argument-types.ts';
import { Grammar, characters, choice, literal, optional, repeat, sequence } from './gbnf.ts';
import type { Expression } from './gbnf.ts';
import { JsonRules } from './json-rules.ts';
import { SchemaCompiler } from './schema-compiler.ts';
import { SchemaWords, isList, schemaFault } from './schema-words.ts';
import { textWithout } from './text-without.ts';

export type CallChoice = { readonly kind: 'required' } | { readonly kind: 'function'; readonly name: string };

/** More calls in one answer are a model in a loop. */
const maxParallelCalls = 16;

/**
 * GBNF for an answer that is one tool call, or with `parallel` up to sixteen, in Qwen3.5's form. The parameters come in the order of
 * their schema, the optional ones optional. A string stands bare and holds no tag that ends a value; other values are JSON by
 * their schema, in which `<` stands escaped. Throws `invalid_request` for a name among no tools, `invalid_schema` as
 * `jsonSchemaGrammar` does.
 */
export function toolCallGrammar(tools: readonly Tool[], wanted: CallChoice, parallel: boolean): string {
  const grammar = new Grammar();
  const rules = new JsonRules(grammar, ['<']);
  const bareText = textWithout(grammar, ['</parameter>', '</function>\n</tool_call>']);
  const calls = tools.flatMap((tool, index) => {
    if (wanted.kind === 'function' && tool.name !== wanted.name) return [];
    return [new CallGrammar(grammar, rules, bareText, tool, `tools[${index}].function`).call()];
  });
  if (calls.length === 0) {
    const named =
      wanted.kind === 'function' ? `"${wanted.name}" is not among the tools.` : 'A tool call needs at least one tool.';
    throw new FlashmuxError('invalid_request', named, { param: 'tool_choice' });
  }
  const call = grammar.add('call', choice(...calls));
  const further = parallel
    ? repeat(grammar.add('next-call', sequence(literal('\n'), call)), 0, maxParallelCalls - 1)
    : literal('');
  const text = grammar.print(sequence(call, further));
  if (text === undefined) throw schemaFault('tools', 'No call of these tools has valid arguments.');
  return text;
}

class CallGrammar {
  readonly #grammar: Grammar;
  readonly #bareText: Expression;
  readonly #tool: Tool;
  readonly #path: string;
  readonly #parameters: JsonObject;
  readonly #compiler: SchemaCompiler;

  constructor(grammar: Grammar, rules: JsonRules, bareText: Expression, tool: Tool, path: string) {
    this.#grammar = grammar;
    this.#bareText = bareText;
    this.#tool = tool;
    this.#path = path;
    this.#parameters = tool.parameters ?? {};
    this.#compiler = new SchemaCompiler(grammar, rules, this.#parameters);
  }

  call(): Expression {
    const words = new SchemaWords(this.#parameters, `${this.#path}.parameters`);
    const required = new Set(words.names('required'));
    const declared = words.named('properties');
    const undeclared = [...required].filter((name) => !declared.some(([known]) => known === name));
    const parameters = [...declared.map(([name]) => name), ...undeclared].map((name) => {
      const parameter = this.#grammar.add(`parameter-${name}`, this.#parameter(name, words));
      return required.has(name) ? parameter : optional(parameter);
    });
    const named = tagName(this.#tool.name, `${this.#path}.name`);
    const further = declared.length === 0 && takesAnything(this.#parameters) ? this.#anyParameters() : literal('');
    return this.#grammar.add(
      `call-${named}`,
      sequence(literal(`<tool_call>\n<function=${named}>\n`), ...parameters, further, literal('</function>\n</tool_call>')),
    );
  }

  #parameter(name: string, words: SchemaWords): Expression {
    const opening = literal(`<parameter=${tagName(name, `${words.path}.properties.${name}`)}>\n`);
    return sequence(opening, this.#value(name, words), literal('\n</parameter>\n'));
  }

  #value(name: string, words: SchemaWords): Expression {
    const schema = new Map(words.named('properties')).get(name) ?? true;
    const types = argumentTypes(this.#parameters, name);
    // Text stands bare whatever its schema says; one that says nothing readable may be a mistake, which compiling finds.
    if (types?.has('string') !== true) {
      const json = this.#compiler.compile(schema, { path: `${words.path}.properties.${name}`, depth: 1, references: [] });
      if (types !== undefined) return json;
    }
    const texts = constantsOf(schema).map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
    return texts.length === 0 ? this.#bareText : choice(...texts.map((text) => literal(text)));
  }

  #anyParameters(): Expression {
    const name = sequence(characters('[a-zA-Z_]'), repeat(characters('[a-zA-Z0-9_]'), 0, 63));
    const parameter = sequence(literal('<parameter='), name, literal('>\n'), this.#bareText, literal('\n</parameter>\n'));
    return repeat(this.#grammar.add('any-parameter', parameter), 0, 16);
  }
}

function constantsOf(schema: Json): readonly Json[] {
  if (!isJsonObject(schema)) return [];
  if (schema['const'] !== undefined) return [schema['const']];
  return isList(schema['enum']) ? schema['enum'] : [];
}

function takesAnything(parameters: JsonObject): boolean {
  return parameters['additionalProperties'] !== undefined && parameters['additionalProperties'] !== false;
}

/** A name that can stand in a tag. */
function tagName(name: string, path: string): string {
  if (/^[^<>\n]{1,256}$/.test(name)) return name;
  throw schemaFault(path, 'The name must have 1 to 256 characters, none of them "<", ">" or a line break.');
}
