import { z } from 'zod';

const row = z.strictObject({
  /** Of the fault. */
  fault: z.int().min(1),
  test: z.string(),
  state: z.enum(['held', 'failed', 'skipped']),
  /** Why it was skipped. */
  reason: z.string().optional(),
  seconds: z.int().min(0),
  figures: z.record(z.string(), z.union([z.number(), z.string()])),
});

const figuresFile = z.strictObject({
  machine: z.strictObject({
    processors: z.string(),
    memory: z.string(),
    system: z.string(),
    node: z.string(),
    sqlite: z.string(),
    postgres: z.string(),
  }),
  measured: z.iso.date(),
  rows: z.array(row),
});

export type FaultRow = z.infer<typeof row>;
export type FiguresFile = z.infer<typeof figuresFile>;

export function readFigures(text: string): FiguresFile {
  return figuresFile.parse(JSON.parse(text));
}

/** The figures of a run over those of earlier ones: a fault that was injected again counts anew, as a whole. */
export function mergeRows(earlier: readonly FaultRow[], now: readonly FaultRow[]): FaultRow[] {
  const fresh = new Set(now.map(({ fault }) => fault));
  return [...earlier.filter(({ fault }) => !fresh.has(fault)), ...now].toSorted((left, right) => left.fault - right.fault);
}

/** `kills: 200; requests: 8,012`, for people. */
export function figuresText(figures: FaultRow['figures']): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name}: ${typeof value === 'number' ? value.toLocaleString('en-US') : value}`)
    .join('; ');
}
