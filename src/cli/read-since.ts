import { InvalidArgumentError } from 'commander';

const unitsMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A moment before `now`, in Unix milliseconds: `90m`, `24h`, `7d`, `4w`, or an ISO date. Throws InvalidArgumentError. */
export function readSince(text: string, now: number): number {
  const [, count = '', unit = ''] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  const unitMs = unitsMs[unit];
  const since = unitMs === undefined ? readDate(text) : now - Number(count) * unitMs;
  if (Number.isNaN(since)) throw new InvalidArgumentError('Write a span such as 7d or 24h, or a date such as 2026-11-20.');
  return Math.max(0, since);
}

function readDate(text: string): number {
  return /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text) ? Date.parse(text) : Number.NaN;
}
