/** What a fault test counted, in the order in which the table shows it. */
export type Figures = Readonly<Record<string, number | string>>;

declare module 'vitest' {
  interface TaskMeta {
    figures?: Figures;
  }
}

/** `FLASHMUX_FAULTS=quick`: the same faults, few times. */
export const isQuick = process.env['FLASHMUX_FAULTS'] === 'quick';

/** How often a fault is injected in this run. */
export function times(counts: { readonly full: number; readonly quick: number }): number {
  return isQuick ? counts.quick : counts.full;
}

/** The value below which this part of the values lies: 0.5 is the median. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

export function milliseconds(value: number): string {
  return `${Math.round(value)} ms`;
}
