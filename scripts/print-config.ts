import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { configJsonSchema } from '../src/config/load-config.ts';
import { isJsonObject, type Json, type JsonObject } from '../src/model/json.ts';

/** Writes the tables of docs/configuration.md from the schema of the settings; with --check only says whether they still agree. */
const file = path.join(import.meta.dirname, '../docs/configuration.md');
const [open, close] = ['<!-- settings -->', '<!-- /settings -->'] as const;

/** One table a section: a section is a map of settings, or the list of providers. */
function sections(schema: JsonObject): readonly string[] {
  const alone: string[] = [];
  const tables: string[] = [];
  for (const [name, setting] of entries(schema['properties'])) {
    const items = setting['items'];
    if (isJsonObject(setting['properties'])) tables.push(...section(name, name, setting));
    else if (isJsonObject(items)) tables.push(...section(`${name}, a list`, `${name}.0`, items));
    else alone.push(row(name, name, setting, []));
  }
  return [...tableHead, ...alone, '', ...tables];
}

const tableHead = ['| setting | takes | default | what it does |', '| --- | --- | --- | --- |'];

function section(title: string, at: string, schema: JsonObject): readonly string[] {
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  const rows = entries(schema['properties']).map(([name, setting]) => row(name, `${at}.${name}`, setting, required));
  return [
    `### ${title}`,
    '',
    `In the environment: \`${environmentName(`${at}.${firstName(schema)}`)}\` and so on.`,
    '',
    ...tableHead,
    ...rows,
    '',
  ];
}

function row(name: string, at: string, setting: JsonObject, required: readonly string[]): string {
  const { description, default: standard } = setting;
  if (typeof description !== 'string') throw new Error(`src/config/schema.ts does not say what ${at} does`);
  const shownDefault = required.includes(name) ? 'must be set' : standard === undefined ? '-' : code(standard);
  return `| \`${name}\` | ${takes(setting)} | ${shownDefault} | ${description.replaceAll('|', String.raw`\|`)} |`;
}

function takes(setting: JsonObject): string {
  const { type, minimum, maximum, format } = setting;
  const choices = setting['enum'];
  if (Array.isArray(choices)) return choices.map(code).join(', ');
  if (setting['const'] !== undefined) return code(setting['const']);
  if (Array.isArray(setting['anyOf']))
    return setting['anyOf'].map((choice) => (isJsonObject(choice) ? takes(choice) : '')).join(', or ');
  if (type === 'integer' || type === 'number') return `${grouped(minimum)} to ${grouped(maximum)}`;
  if (type === 'boolean') return '`true`, `false`';
  if (type === 'array') return 'a list';
  if (type === 'object') return 'a map';
  return format === 'uri' ? 'an address' : 'text';
}

function grouped(value: Json | undefined): string {
  return typeof value === 'number' ? value.toLocaleString('en-US') : '';
}

function code(value: Json): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function environmentName(at: string): string {
  return `FLASHMUX_${at.replaceAll('.', '__').toUpperCase()}`;
}

function firstName(schema: JsonObject): string {
  return entries(schema['properties'])[0]?.[0] ?? '';
}

function entries(properties: Json | undefined): readonly (readonly [string, JsonObject])[] {
  if (!isJsonObject(properties)) return [];
  return Object.entries(properties).flatMap(([name, value]) => (isJsonObject(value) ? [[name, value] as const] : []));
}

const written = readFileSync(file, 'utf8');
const [from, to] = [written.indexOf(open), written.indexOf(close)];
if (from < 0 || to < from) throw new Error('docs/configuration.md has no place for the settings');
const fresh = `${written.slice(0, from + open.length)}\n\n${sections(configJsonSchema()).join('\n')}\n${written.slice(to)}`;
if (!process.argv.includes('--check')) writeFileSync(file, fresh);
else if (fresh !== written) {
  console.error('docs/configuration.md is not what src/config/schema.ts says: run "npm run docs:config"');
  process.exitCode = 1;
}
