import type { Clock } from '../model/ports.ts';

/** The only place that reads time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  ticks: () => performance.now(),
};
