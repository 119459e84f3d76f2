import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { isJsonObject, type Json, type JsonObject } from '../model/json.ts';
import { keysOfPresets, type Preset } from './keys-of-presets.ts';
import { configSchema, type Config } from './schema.ts';
import { readYaml, type YamlDocument } from './yaml-document.ts';

/** Where a value was taken from. */
export type ValueSource =
  | { readonly kind: 'default' }
  | { readonly kind: 'file'; readonly file: string; readonly line: number; readonly column: number }
  | { readonly kind: 'environment'; readonly name: string }
  | { readonly kind: 'flag'; readonly name: string };

export interface LoadedConfig {
  readonly config: Config;
  /** The file that was read, absent where there is none. */
  readonly file?: string;
  /** Of a leaf, by its dotted path. */
  source(path: string): ValueSource;
}

export interface ConfigInputs {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Values of flags by dotted path, with the name of the flag. */
  readonly flags: readonly { readonly path: string; readonly flag: string; readonly value: Json }[];
  /** `--config`: it must exist. */
  readonly file?: string;
  /** Folder in which flashmux.yaml is looked for. */
  readonly workingFolder: string;
  /** Hosts that appear as providers where the environment has their key. Absent: none. */
  readonly presets?: readonly Preset[];
}

/** All that is wrong, one line each: place, path, what was wrong and what would be right. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * Reads flags, then the environment, then the file, then the defaults, and validates the whole. Throws ConfigError with every
 * problem at once, with line and column where a value stands in the file.
 */
export function loadConfig(inputs: ConfigInputs): LoadedConfig {
  const sources = new Map<string, ValueSource>();
  const document = readFile(inputs);
  const values: Mutable = {};
  if (document !== undefined) takeFile(values, sources, document, inputs.environment);
  takeEnvironment(values, sources, inputs.environment);
  for (const { path: at, flag, value } of inputs.flags) put(values, sources, at.split('.'), value, { kind: 'flag', name: flag });
  for (const { at, value, variable } of keysOfPresets(values, inputs.presets ?? [], inputs.environment)) {
    put(values, sources, at, value, { kind: 'environment', name: variable });
  }

  const parsed = configSchema.safeParse(values);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => describe(issue, sources, document)));
  }
  return {
    config: { ...parsed.data, home: untilde(parsed.data.home), prices: findPriceFile(parsed.data.prices, sources, inputs) },
    ...(document === undefined ? {} : { file: document.file }),
    source: (at) => nearest(sources, at),
  };
}

type Mutable = Record<string, unknown>;

const environmentPrefix = 'FLASHMUX_';
/** Names with the prefix that are no settings of their own. */
const otherNames = new Set(['FLASHMUX_CONFIG', 'FLASHMUX_PEPPER', 'FLASHMUX_TEST_REPORT', 'FLASHMUX_FUZZ_RUNS']);

function readFile({ file, environment, workingFolder }: ConfigInputs): YamlDocument | undefined {
  const named = file ?? environment['FLASHMUX_CONFIG'];
  const found = path.resolve(workingFolder, named ?? 'flashmux.yaml');
  if (named === undefined && !existsSync(found)) return undefined;
  return readDocument(found);
}

/** A file of settings or prices. Throws ConfigError where it cannot be read or is no YAML (JSON is YAML). */
export function readDocument(file: string): YamlDocument {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new ConfigError([`${file}: cannot be read (${why})`]);
  }
  const document = readYaml(file, text);
  if (document.problems.length > 0) throw new ConfigError(document.problems);
  return document;
}

function takeFile(
  values: Mutable,
  sources: Map<string, ValueSource>,
  document: YamlDocument,
  environment: ConfigInputs['environment'],
): void {
  const problems: string[] = [];
  const take = (value: Json, at: readonly string[]): void => {
    if (isJsonObject(value) && Object.keys(value).length > 0) {
      for (const [key, child] of Object.entries(value)) take(child, [...at, key]);
      return;
    }
    if (Array.isArray(value) && value.length > 0) {
      for (const [index, child] of value.entries()) take(child, [...at, String(index)]);
      return;
    }
    const position = document.position(at);
    const filled =
      typeof value === 'string'
        ? substitute(value, environment, (what) => problems.push(`${place(document, at)} ${what}`))
        : value;
    put(values, sources, at, filled, { kind: 'file', file: document.file, ...position });
  };
  take(document.value, []);
  if (problems.length > 0) throw new ConfigError(problems);
}

/** `${NAME}` from the environment, `${file:/run/secrets/x}` from a file without its last newline. */
function substitute(text: string, environment: ConfigInputs['environment'], problem: (what: string) => void): string {
  return text.replace(/\$\{(file:)?([^}]+)\}/g, (whole, fromFile: string | undefined, named: string) => {
    if (fromFile === undefined) {
      const value = environment[named];
      if (value === undefined) problem(`names the environment variable ${named}, which is not set`);
      return value ?? whole;
    }
    try {
      return readFileSync(named, 'utf8').replace(/\r?\n$/, '');
    } catch {
      problem(`names the file ${named}, which cannot be read`);
      return whole;
    }
  });
}

/** Names that people know already, or that are too good for an underscore. The long names win over them. */
const shortNames: Readonly<Record<string, readonly string[]>> = {
  DATABASE_URL: ['database', 'url'],
  FLASHMUX_PEPPER: ['database', 'pepper'],
};

function takeEnvironment(values: Mutable, sources: Map<string, ValueSource>, environment: ConfigInputs['environment']): void {
  for (const [name, at] of Object.entries(shortNames)) {
    const text = environment[name];
    if (text !== undefined) put(values, sources, at, text, { kind: 'environment', name });
  }
  for (const [variable, text] of Object.entries(environment)) {
    if (text === undefined || !variable.startsWith(environmentPrefix) || otherNames.has(variable)) continue;
    const at = variable.slice(environmentPrefix.length).toLowerCase().split('__');
    put(values, sources, at, scalar(text, at), { kind: 'environment', name: variable });
  }
}

const textSettings: ReadonlySet<string> = new Set([
  'home',
  'host',
  'api_key',
  'model',
  'file',
  'pepper',
  'token',
  'secret',
  'low_balance_usd',
]);

/** A word of the environment as the type that a setting would have in YAML. Text settings keep digits as text. */
function scalar(text: string, at: readonly string[]): Json {
  const last = at.at(-1);
  if (last !== undefined && textSettings.has(last)) return text;
  if (at.includes('api_keys') || at.includes('account_keys')) return text;
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^-?\d+$/.test(text)) return Number(text);
  return text;
}

function put(
  values: Mutable,
  sources: Map<string, ValueSource>,
  at: readonly string[],
  value: unknown,
  source: ValueSource,
): void {
  let folder: Mutable | unknown[] = values;
  for (const [depth, key] of at.entries()) {
    if (depth === at.length - 1) setKey(folder, key, value);
    else folder = childOf(folder, key, /^\d+$/.test(at[depth + 1] ?? ''));
  }
  sources.set(at.join('.'), source);
}

function childOf(folder: Mutable | unknown[], key: string, isList: boolean): Mutable | unknown[] {
  const known = Array.isArray(folder) ? folder[Number(key)] : folder[key];
  if (Array.isArray(known)) return known;
  if (isMutable(known)) return known;
  const made: Mutable | unknown[] = isList ? [] : {};
  setKey(folder, key, made);
  return made;
}

function setKey(folder: Mutable | unknown[], key: string, value: unknown): void {
  if (Array.isArray(folder)) folder[Number(key)] = value;
  // A key named __proto__ must become a key, not the prototype.
  else Object.defineProperty(folder, key, { value, enumerable: true, configurable: true, writable: true });
}

function isMutable(value: unknown): value is Mutable {
  return typeof value === 'object' && value !== null;
}

function untilde(folder: string): string {
  return folder === '~' || folder.startsWith('~/') ? path.join(homedir(), folder.slice(1)) : path.resolve(folder);
}

/** Whoever writes `./prices.yaml` into a file means the folder of that file. */
function findPriceFile(
  prices: Config['prices'],
  sources: ReadonlyMap<string, ValueSource>,
  { workingFolder }: ConfigInputs,
): Config['prices'] {
  if (prices.file === undefined) return prices;
  const source = nearest(sources, 'prices.file');
  const folder = source.kind === 'file' ? path.dirname(source.file) : workingFolder;
  return { ...prices, file: path.resolve(folder, prices.file) };
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly code: string;
}

function describe(issue: Issue, sources: ReadonlyMap<string, ValueSource>, document: YamlDocument | undefined): string {
  const keys = 'keys' in issue && Array.isArray(issue.keys) ? issue.keys.map(String) : [];
  const at = [...issue.path.map(String), ...keys.slice(0, 1)];
  const dotted = at.join('.');
  const source = sources.get(dotted);
  const where =
    source === undefined || source.kind === 'file' ? place(document, at) : source.kind === 'default' ? '' : `${source.name}:`;
  const unknown =
    keys.length > 0 ? `unknown setting; known here: ${knownKeys(issue.path.map(String)).join(', ')}` : plainly(issue.message);
  return `${where} ${dotted}: ${unknown}`.trim();
}

/** Zod's words in ours: who wrote the file knows what a setting is, not what an input is. */
function plainly(message: string): string {
  const [, expected, received] = /^Invalid input: expected (\w+), received (.+)$/.exec(message) ?? [];
  if (expected === undefined) return message;
  return received === 'undefined' ? `is missing; a ${expected} is expected` : `must be a ${expected}, not a ${received}`;
}

function place(document: YamlDocument | undefined, at: readonly string[]): string {
  if (document === undefined) return 'config:';
  const { line, column } = document.position(at);
  return `${document.file}:${line}:${column}`;
}

/** The settings that may stand at a path, for the message about one that may not. */
function knownKeys(at: readonly string[]): readonly string[] {
  let schema: JsonObject | undefined = configJsonSchema();
  for (const key of at) {
    const properties: Json | undefined = schema?.['properties'];
    const items: Json | undefined = schema?.['items'];
    const next: Json | undefined = isJsonObject(properties) && key in properties ? properties[key] : items;
    schema = isJsonObject(next) ? next : undefined;
  }
  const properties = schema?.['properties'];
  return isJsonObject(properties) ? Object.keys(properties) : [];
}

/** The JSON Schema of flashmux.yaml, for editors. */
export function configJsonSchema(): JsonObject {
  const schema: JsonObject = JSON.parse(JSON.stringify(configSchema.toJSONSchema({ io: 'input' })));
  return schema;
}

function nearest(sources: ReadonlyMap<string, ValueSource>, at: string): ValueSource {
  return sources.get(at) ?? { kind: 'default' };
}
