import { z } from 'zod';
import type { RoutingSort } from '../../src/model/routing-preferences.ts';
import { simulateMonth, type Month } from './simulate-month.ts';

/** What the figures of docs/routing.md are measured with: a month of 30 days, a request every 12 seconds. */
export const usualMonth = { days: 30, everyMs: 12_000 } as const;

/** At most this share of the requests may fail while a host is healthy. */
export const mostFailed = 0.001;
/** Sorted by latency, callers wait at most this much longer than at the fastest healthy host of each moment. */
export const mostRegret = 0.1;

const measured = z.strictObject({
  sort: z.string(),
  seed: z.int(),
  requests: z.int(),
  outages: z.int(),
  rescued: z.int(),
  /** Shares. */
  failed: z.number(),
  regretOfMoment: z.number(),
  regretOfHost: z.number(),
  meanLatencyMs: z.number(),
  /** Beside the cheapest host. */
  meanPrice: z.number(),
});

export const routingFigures = z.strictObject({ months: z.array(measured) });
export type MeasuredMonth = z.infer<typeof measured>;

export const sorts = ['latency', undefined, 'price', 'throughput'] as const satisfies readonly (RoutingSort | undefined)[];

export function measureMonth(sort: RoutingSort | undefined, seed: number): MeasuredMonth {
  const month = simulateMonth({ ...usualMonth, seed, ...(sort === undefined ? {} : { sort }) });
  return { sort: sort ?? 'none', seed, ...figuresOf(month) };
}

export function figuresOf(month: Month): Omit<MeasuredMonth, 'sort' | 'seed'> {
  const { requests, hopeless, failed, rescued, outages, meanLatencyMs, bestMomentMs, bestHostMs, meanPrice } = month;
  return {
    requests,
    outages,
    rescued,
    failed: failed / (requests - hopeless),
    regretOfMoment: meanLatencyMs / bestMomentMs - 1,
    regretOfHost: meanLatencyMs / bestHostMs - 1,
    meanLatencyMs,
    meanPrice,
  };
}
