import { z } from 'zod';
import { candidateNames, workNames } from '../works/works.ts';

const candidate = z.enum(candidateNames);
const latency = z.object({ p50Ms: z.number(), p99Ms: z.number(), p999Ms: z.number() });

export type Latency = z.infer<typeof latency>;

/** One candidate in one round: what it did, and what that cost. */
const round = z.object({
  units: z.int(),
  unitsPerSecond: z.number(),
  /** CPU time of the gateway and of the host, in microseconds for each unit. */
  cpuMicroseconds: z.number(),
  hostCpuMicroseconds: z.number(),
  wrong: z.int(),
  latency,
});

export type Round = z.infer<typeof round>;

const workResult = z.object({
  work: z.enum(workNames),
  candidates: z.partialRecord(candidate, z.object({ rounds: z.array(round), memoryBytes: z.number() })),
  /** Of flashmux: the work that this one is compared with, in the same rounds. */
  beside: z.array(round).optional(),
  /** Of flashmux: the longest blocking of its event loop, by the wall clock and by CPU time (watch-loop.ts). */
  loop: z.object({ longestDelayMs: z.number(), longestBusyMs: z.number() }).optional(),
});

export type WorkResult = z.infer<typeof workResult>;

const latencyResult = z.object({
  callsPerSecond: z.number(),
  candidates: z.partialRecord(candidate, z.object({ callsPerSecond: z.number(), rounds: z.array(latency), wrong: z.int() })),
});

const idleResult = z.object({
  wanted: z.int(),
  streams: z.int(),
  /** Open files that a process may have here. */
  openFiles: z.int(),
  candidates: z.partialRecord(candidate, z.object({ held: z.int(), failed: z.int(), bytesEach: z.number() })),
  settled: z.object({
    seconds: z.number(),
    records: z.int(),
    lost: z.int(),
    outcomes: z.record(z.string(), z.int()),
  }),
});

export type IdleResult = z.infer<typeof idleResult>;

const lookUpRound = z.object({ cpuMicroseconds: z.number(), p50Ms: z.number(), p99Ms: z.number() });
const lookUp = z.object({ route: z.string(), rounds: z.array(lookUpRound) });

export type LookUpRound = z.infer<typeof lookUpRound>;
export type LookUp = z.infer<typeof lookUp>;

const historyResult = z.object({
  records: z.int(),
  accounts: z.int(),
  generatedSeconds: z.number(),
  fileBytes: z.number(),
  empty: z.array(lookUp),
  /** Of accounts with different shares of it, the smallest first. */
  full: z.array(z.object({ recordsOfAccount: z.int(), lookUps: z.array(lookUp) })),
});

export type HistoryResult = z.infer<typeof historyResult>;

export const results = z.object({
  takenAt: z.string(),
  /** What else the machine did meanwhile, as far as it can be seen: the load average before the run, and what whoever started it says. */
  machine: z.object({
    processor: z.string(),
    cores: z.int(),
    memoryBytes: z.number(),
    system: z.string(),
    node: z.string(),
    loadBefore: z.number(),
    note: z.string(),
  }),
  versions: z.record(z.string(), z.string()),
  options: z.object({ program: z.enum(['built', 'sources']), rounds: z.int(), windowMs: z.number(), warmUpMs: z.number() }),
  works: z.array(workResult),
  latency: latencyResult.optional(),
  idle: idleResult.optional(),
  history: historyResult.optional(),
  coldStartMs: z.partialRecord(candidate, z.array(z.number())).optional(),
  memory: z.partialRecord(candidate, z.object({ idleBytes: z.number(), loadedBytes: z.number() })),
});

export type Results = z.infer<typeof results>;
