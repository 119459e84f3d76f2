import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { filledPage, performancePlots, performanceTables } from './report/performance-page.ts';
import { results } from './report/results.ts';

// Writes the tables and plots of docs/performance.md from the recorded run, bench/gateway/results/recorded.json. To record one:
//
//   npm run bench -- --json bench/gateway/results/recorded.json && node bench/gateway/print-performance.ts

const root = path.join(import.meta.dirname, '../..');
const recorded = path.join(import.meta.dirname, 'results/recorded.json');
const page = path.join(root, 'docs/performance.md');
const plots = path.join(root, 'docs/plots');

const run = results.parse(JSON.parse(readFileSync(recorded, 'utf8')));
writeFileSync(page, filledPage(readFileSync(page, 'utf8'), performanceTables(run)));
mkdirSync(plots, { recursive: true });
for (const [name, svg] of Object.entries(performancePlots(run))) writeFileSync(path.join(plots, name), svg);

// Both are under the formatter's rule, and it aligns tables.
const { status } = spawnSync(path.join(root, 'node_modules/.bin/oxfmt'), ['--write', recorded, page], { stdio: 'inherit' });
process.exitCode = status ?? 1;
