import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { measurePair, type PairFigures } from './measure.ts';
import { pairs } from './protocols.ts';

/** Runs the whole matrix and writes down what it saw, for docs/protocols/matrix.md. The first argument is how often, by default 10,000. */
const runs = Number(process.argv[2] ?? 10_000);
const seed = 1;
const file = path.join(import.meta.dirname, '../../docs/protocols/matrix.json');

const measured: PairFigures[] = [];
for (const [from, to] of pairs) {
  measured.push(measurePair(from, to, { runs, seed }));
  console.log(`${from.name} to ${to.name}: ${runs} conversations and as many answers`);
}
writeFileSync(file, `${JSON.stringify({ runs, seed, pairs: measured }, null, 2)}\n`);
