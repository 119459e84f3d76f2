import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { median, medianRatio } from '../../bench/gateway/measure/median.ts';
import { profileShape, readProfile } from '../../bench/gateway/measure/read-profile.ts';
import { compareRatios } from '../../bench/gateway/report/compare-ratios.ts';
import { figuresOf } from '../../bench/gateway/report/figures.ts';
import { targetTable } from '../../bench/gateway/report/figures-text.ts';
import { filledPage, performancePlots, performanceTables } from '../../bench/gateway/report/performance-page.ts';
import { results as shape, type Results } from '../../bench/gateway/report/results.ts';

const root = path.join(import.meta.dirname, '../..');

/** A run in which flashmux took so many microseconds for a small answer, nginx ten and Portkey a thousand. */
function run(microseconds: number): Results {
  const rounds = (cpuMicroseconds: number) => [
    {
      units: 100,
      unitsPerSecond: 1_000,
      cpuMicroseconds,
      hostCpuMicroseconds: 5,
      wrong: 0,
      latency: { p50Ms: 1, p99Ms: 2, p999Ms: 3 },
    },
  ];
  const of = (cpu: number) => ({ rounds: rounds(cpu), memoryBytes: 1e8 });
  return {
    takenAt: '2026-11-20T00:00:00.000Z',
    machine: { processor: 'x', cores: 2, memoryBytes: 1, system: 'Linux', node: 'v24', loadBefore: 0, note: '' },
    versions: {},
    options: { program: 'built', rounds: 1, windowMs: 1, warmUpMs: 1 },
    works: [{ work: 'small', candidates: { nginx: of(10), flashmux: of(microseconds), portkey: of(1_000) } }],
    memory: {},
  };
}

test('a median of an even count is the mean of the middle two, and of nothing it is nothing', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeNaN();
});

test('ratios are taken round by round, so that a round in which all were slow changes nothing', () => {
  expect(medianRatio([40, 400, 41], [10, 100, 10])).toBe(4);
  expect(medianRatio([40, 80], [10])).toBe(4);
  expect(medianRatio([40], [0])).toBeNaN();
});

test('only what was measured is a figure, and above its target it is missed', () => {
  expect(figuresOf(run(50)).map(({ ratioId, measured }) => [ratioId, measured])).toEqual([
    ['small/nginx', 5],
    ['small/portkey', 0.05],
  ]);
  expect(targetTable(run(50))).toMatch(/5\.00 x \| \*\*missed\*\*[^]*1 \/ 20\.0 \| reached/);
  expect(targetTable(run(40))).not.toMatch('missed');
});

test('the check compares ratios: a slower machine passes, a slower gateway does not', () => {
  const slowMachine = run(40);
  for (const { candidates } of slowMachine.works) {
    for (const { rounds } of Object.values(candidates)) for (const round of rounds) round.cpuMicroseconds *= 7;
  }
  expect(compareRatios(run(40), slowMachine).worse).toBe(0);
  expect(compareRatios(run(40), run(51)).worse).toBe(0);
  expect(compareRatios(run(40), run(53)).worse).toBe(2);
  expect(compareRatios(run(40), run(20)).worse).toBe(0);
});

test('a profile is read without its idle time, a function that calls itself once', () => {
  const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 0 });
  const profile = profileShape.parse({
    nodes: [
      { id: 1, callFrame: frame('(root)'), children: [2, 3] },
      { id: 2, callFrame: frame('(idle)') },
      { id: 3, callFrame: frame('walk', `file://${root}/src/model/fold.ts`), children: [4, 5] },
      { id: 4, callFrame: frame('walk', `file://${root}/src/model/fold.ts`) },
      { id: 5, callFrame: frame('parse', `file://${root}/node_modules/@x/y/index.js`) },
    ],
    samples: [2, 3, 4, 5],
    timeDeltas: [9_000, 1_000, 2_000, 1_000],
  });
  const reading = readProfile(profile, root);
  expect(reading.busyMs).toBe(4);
  expect(reading.folders).toEqual([
    { name: 'src/model', ms: 3, share: 0.75 },
    { name: 'node_modules/@x/y', ms: 1, share: 0.25 },
  ]);
  expect(reading.totals[0]).toEqual({ name: 'walk src/model/fold.ts', ms: 4, share: 1 });
});

test('docs/performance.md and its plots say what the recorded run says', () => {
  const recorded = shape.parse(JSON.parse(readFileSync(path.join(root, 'bench/gateway/results/recorded.json'), 'utf8')));
  const page = readFileSync(path.join(root, 'docs/performance.md'), 'utf8');
  // The formatter aligns tables and wraps nothing.
  const plain = (text: string): string => text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---');
  expect(plain(filledPage(page, performanceTables(recorded)))).toBe(plain(page));
  for (const [name, svg] of Object.entries(performancePlots(recorded))) {
    const file = path.join(root, 'docs/plots', name);
    expect(existsSync(file) ? readFileSync(file, 'utf8') : '').toBe(svg);
  }
});
