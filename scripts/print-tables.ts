import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { faults } from '../src/model/fault.ts';
import { layers } from './layers.ts';
import { line } from './line.ts';

/** Writes the tables of docs/architecture.md from the code that they describe; with --check only says whether they still agree. */
const root = path.join(import.meta.dirname, '..');
const file = path.join(root, 'docs/architecture.md');
const problems: string[] = [];

function lineTable(): string {
  const rows = line.map(({ name, module, turns, refusals }) => {
    if (!existsSync(path.join(root, 'src', module))) problems.push(`scripts/line.ts names src/${module}, which does not exist`);
    const statuses = [...new Set(refusals.map((code) => status(code)))].join(', ');
    return `| ${name} | [${module}](../src/${module}) | ${turns} | ${statuses === '' ? '-' : statuses} |`;
  });
  return ['| step | module | turns | a refusal leaves as |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function status(code: string): string {
  const row = Object.entries(faults).find(([known]) => known === code)?.[1];
  if (row === undefined) problems.push(`scripts/line.ts names the fault ${code}, which is not in the table`);
  return `${row?.status ?? '?'}`;
}

function layerTable(): string {
  const rows = layers.map(({ name, purpose, mayImport }) => {
    const allowed = mayImport === 'all' ? 'everything' : mayImport.join(', ') || 'nothing';
    return `| ${name} | ${purpose} | ${allowed} |`;
  });
  return ['| layer | what it is | may import |', '| --- | --- | --- |', ...rows].join('\n');
}

function fill(text: string, name: string, table: string): string {
  const [open, close] = [`<!-- table:${name} -->`, `<!-- /table:${name} -->`];
  const from = text.indexOf(open);
  const to = text.indexOf(close);
  if (from < 0 || to < 0) throw new Error(`docs/architecture.md has no place for the table ${name}`);
  return `${text.slice(0, from + open.length)}\n${table}\n${text.slice(to)}`;
}

const written = readFileSync(file, 'utf8');
const fresh = fill(fill(written, 'line', lineTable()), 'layers', layerTable());
if (process.argv.includes('--check')) {
  if (fresh !== written) problems.push('docs/architecture.md is not what the code says: run "npm run docs:tables"');
} else writeFileSync(file, fresh);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
