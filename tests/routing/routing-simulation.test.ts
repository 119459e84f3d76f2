import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { defaultRoutingSettings } from '../../src/routing/settings.ts';
import { figuresOf, measureMonth, mostFailed, mostRegret, routingFigures, sorts } from './routing-figures.ts';
import { simulateMonth } from './simulate-month.ts';

/** A month each; many of them in the long run. */
const months = Math.min(20, Math.max(1, Math.floor(Number(process.env['FLASHMUX_FUZZ_RUNS'] ?? 1_000) / 1_000)));
const seeds = Array.from({ length: months }, (_, index) => 11 + index);

describe.each(seeds)('five hosts that drift and fail for 30 days, seed %i', (seed) => {
  test('sorted by latency: hardly a request fails, and callers wait little longer than at the best host of each moment', () => {
    const figures = measureMonth('latency', seed);
    expect(figures.outages, `seed ${seed}`).toBeGreaterThan(20);
    expect(figures.failed, `seed ${seed}`).toBeLessThanOrEqual(mostFailed);
    expect(figures.regretOfMoment, `seed ${seed}`).toBeLessThanOrEqual(mostRegret);
    expect(figures.regretOfHost, `seed ${seed}`).toBeLessThan(0);
  });
});

test('without a wish hardly a request fails either, and it costs little more than at the cheapest host', () => {
  const figures = figuresOf(simulateMonth({ seed: 7, days: 10, everyMs: 12_000 }));
  expect(figures.failed).toBeLessThanOrEqual(mostFailed);
  expect(figures.meanPrice).toBeLessThan(1.3);
});

describe('what each part is for', () => {
  const tenDays = { seed: 7, days: 10, everyMs: 12_000, sort: 'latency' } as const;
  const { circuit } = defaultRoutingSettings;
  const usual = simulateMonth(tenDays);

  test('the circuit keeps requests from hosts that fail: without it many more need another one', () => {
    const never = { ...circuit, failuresInRow: Infinity, leastCalls: Infinity };
    const without = simulateMonth({ ...tenDays, settings: { circuit: never } });
    expect(without.rescued).toBeGreaterThan(3 * usual.rescued);
  });

  test('exploration finds the best host: without it callers wait longer', () => {
    const without = simulateMonth({ ...tenDays, settings: { exploration: { share: 0, staleAfterMs: 0 } } });
    expect(without.meanLatencyMs).toBeGreaterThan(1.1 * usual.meanLatencyMs);
  });
});

test('the same seed is the same month', () => {
  const short = { seed: 3, days: 2, everyMs: 30_000 } as const;
  expect(simulateMonth(short)).toEqual(simulateMonth(short));
});

test('the figures that are told meet the targets, for every wish', () => {
  const { months: told } = routingFigures.parse(JSON.parse(readFileSync(path.join(import.meta.dirname, 'figures.json'), 'utf8')));
  expect(new Set(told.map(({ sort }) => sort))).toEqual(new Set(sorts.map((sort) => sort ?? 'none')));
  for (const { sort, seed, failed, regretOfMoment } of told) {
    expect(failed, `sort ${sort}, seed ${seed}`).toBeLessThanOrEqual(mostFailed);
    if (sort === 'latency') expect(regretOfMoment, `seed ${seed}`).toBeLessThanOrEqual(mostRegret);
  }
});
