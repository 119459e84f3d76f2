import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { faults } from '../src/model/fault.ts';
import type { Protocol } from '../src/protocols/codec.ts';
import { aiGateway } from '../src/protocols/ai-gateway/ai-gateway.ts';
import { anthropicMessages } from '../src/protocols/anthropic-messages/anthropic-messages.ts';
import { openaiChat } from '../src/protocols/openai-chat/openai-chat.ts';
import { openaiResponses } from '../src/protocols/openai-responses/openai-responses.ts';
import { segmind } from '../src/protocols/segmind/segmind.ts';
import { faultTables } from './fault-tables.ts';
import { faultMatrixTable } from './fault-matrix-table.ts';
import { hostTables } from './host-tables.ts';
import { layers } from './layers.ts';
import { line } from './line.ts';
import { routingTable } from './routing-table.ts';

/** Writes the tables of docs/ from the code that they describe; with --check only says whether they still agree. */
const root = path.join(import.meta.dirname, '..');
const problems: string[] = [];

type Row = readonly string[];

function table(head: Row, rows: readonly Row[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function lineTable(): string {
  const rows = line.map(({ name, module, turns, refusals }) => {
    if (!existsSync(path.join(root, 'src', module))) problems.push(`scripts/line.ts names src/${module}, which does not exist`);
    const statuses = [...new Set(refusals.map((code) => faults[code].status))].join(', ');
    return [name, `[${module}](../src/${module})`, turns, statuses === '' ? '-' : statuses];
  });
  return table(['step', 'module', 'turns', 'a refusal leaves as'], rows);
}

function layerTable(): string {
  const rows = layers.map(({ name, purpose, mayImport }) => [
    name,
    purpose,
    mayImport === 'all' ? 'everything' : mayImport.join(', ') || 'nothing',
  ]);
  return table(['layer', 'what it is', 'may import'], rows);
}

function faultTable(): string {
  const rows = Object.entries(faults).map(([code, { status, openaiType, openaiCode, retry }]) => [
    `\`${code}\``,
    `${status}`,
    `\`${openaiType}\``,
    `\`${openaiCode}\``,
    retry,
  ]);
  return table(['fault', 'status', '`error.type`', '`error.code`', 'try again'], rows);
}

function lossTable({ losses }: Protocol, direction: 'request' | 'answer'): string {
  const rows = losses.filter((loss) => loss.direction === direction).map(({ what, outcome, why }) => [what, outcome, why]);
  return table(['what', 'outcome', 'why'], rows);
}

function fill(file: string, tables: Readonly<Record<string, string>>): void {
  const absolute = path.join(root, file);
  const written = readFileSync(absolute, 'utf8');
  let fresh = written;
  for (const [name, text] of Object.entries(tables)) {
    const [open, close] = [`<!-- table:${name} -->`, `<!-- /table:${name} -->`];
    const from = fresh.indexOf(open);
    const to = fresh.indexOf(close);
    if (from < 0 || to < 0) throw new Error(`${file} has no place for the table ${name}`);
    fresh = `${fresh.slice(0, from + open.length)}\n\n${text}\n\n${fresh.slice(to)}`;
  }
  if (!process.argv.includes('--check')) writeFileSync(absolute, fresh);
  else if (fresh !== written) problems.push(`${file} is not what the code says: run "npm run docs:tables"`);
}

fill('docs/architecture.md', { line: lineTable(), layers: layerTable() });
fill('docs/errors.md', { faults: faultTable() });
fill('docs/reliability.md', faultTables());
fill('docs/providers.md', hostTables());
fill('docs/routing.md', { simulation: routingTable(), 'host-faults': faultMatrixTable() });
// Specification 3 and 4 share their table: what differs is named in it.
for (const protocol of [openaiChat, openaiResponses, anthropicMessages, aiGateway(4), segmind]) {
  fill(`docs/protocols/${protocol.name}.md`, {
    requests: lossTable(protocol, 'request'),
    answers: lossTable(protocol, 'answer'),
  });
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
