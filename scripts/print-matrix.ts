import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isJsonObject, parseJson, type Json, type JsonObject } from '../src/model/json.ts';

/** Writes docs/protocols/matrix.md from the figures that tests/roundtrip/record-matrix.ts recorded; with --check only says whether they agree. */
const folder = path.join(import.meta.dirname, '../docs/protocols');
const page = path.join(folder, 'matrix.md');

const recorded = objectOf(parseJson(readFileSync(path.join(folder, 'matrix.json'), 'utf8')));
const text = pageOf(recorded);
if (!process.argv.includes('--check')) writeFileSync(page, text);
else if (readFileSync(page, 'utf8') !== text) {
  console.error('docs/protocols/matrix.md is not what was recorded: run "npm run docs:matrix"');
  process.exitCode = 1;
}

function pageOf({ runs, seed, pairs }: JsonObject): string {
  const measured = listOf(pairs).map(objectOf);
  return `# What a translation keeps

\`npm run test:matrix\` sends ${wholeOf(runs).toLocaleString('en')} random conversations from every protocol to every other, and as many answers back, and a fifth as many
ordinary ones; what it saw is written down here (seed ${wholeOf(seed)}). A conversation is written as the first protocol has it and read; the codec of the second writes it for
its host, and what that host reads is compared with what was read first, field by field and part by part. An answer goes the other way:
a host of the second protocol says it, whole or as a stream, and a caller reads it in the first.

The run fails where a difference stands in no table of losses, or where its row asks for a notice and there was none. So the tables below
are not what we think is lost but all that was.

- *Ordinary* conversations are such as the samples of the vendors show: a word of the system, questions with pictures, thoughts, text, tools
  called in parallel and their results, the usual parameters. Ordinary answers have a thought, a text, calls and a full usage.
- *Any* conversation has everything that the model has a word for, likely or not, several at once: every medium, marks for caches, proofs of
  thoughts, unknown fields and blocks, log probabilities, wishes that one vendor has.
- *As it was*: not one field differs. *No notice due*: only differences whose rows ask for none, such as the id of an item or a number that is
  written as 0 where a client wants one. *Told*: all others; what a row asks a notice for had one, in the answer and in a header.

Segmind's wire is that of chat completions, so its row and column are theirs.

## Conversations

${shareTable(measured, 'requests')}

## Answers

${shareTable(measured, 'answers')}

## Losses of conversations, by how many of any had them

${lossTables(measured, 'requests')}

## Losses of answers, by how many of any had them

${lossTables(measured, 'answers')}
`;
}

type Direction = 'requests' | 'answers';

function shareTable(pairs: readonly JsonObject[], direction: Direction): string {
  const rows = pairs.map((pair) => {
    const { ordinary, any } = objectOf(pair[direction]);
    return [textOf(pair['from']), textOf(pair['to']), ...shares(objectOf(ordinary)), ...shares(objectOf(any))];
  });
  const head = [
    ...(direction === 'requests' ? ['from', 'to'] : ['caller', 'host']),
    'ordinary: as it was',
    'no notice due',
    'told',
    'any: as it was',
    'no notice due',
    'told',
  ];
  return table(head, rows);
}

function shares({ runs, same, quiet }: JsonObject): readonly string[] {
  const [all, kept, alike] = [wholeOf(runs), wholeOf(same), wholeOf(quiet)];
  return [kept, alike, all - kept - alike].map((count) => percent(count, all));
}

function lossTables(pairs: readonly JsonObject[], direction: Direction): string {
  return pairs
    .map((pair) => {
      const { losses, runs } = objectOf(objectOf(pair[direction])['any']);
      const rows = Object.entries(objectOf(losses)).map(([row, count]) => [row, percent(wholeOf(count), wholeOf(runs))]);
      const [from, to] = [textOf(pair['from']), textOf(pair['to'])];
      const heading = direction === 'requests' ? `${from} to ${to}` : `a host of ${to}, heard in ${from}`;
      return `### ${heading}\n\n${table(['loss', 'of all'], rows)}`;
    })
    .join('\n\n');
}

function percent(count: number, of: number): string {
  return count > 0 && count / of < 0.001 ? 'below 0.1 %' : `${((100 * count) / of).toFixed(1)} %`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function objectOf(value: Json | undefined): JsonObject {
  if (!isJsonObject(value)) throw new Error('docs/protocols/matrix.json is not as it is recorded');
  return value;
}

function listOf(value: Json | undefined): readonly Json[] {
  if (!Array.isArray(value)) throw new Error('docs/protocols/matrix.json is not as it is recorded');
  return value;
}

function wholeOf(value: Json | undefined): number {
  if (typeof value !== 'number') throw new Error('docs/protocols/matrix.json is not as it is recorded');
  return value;
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
