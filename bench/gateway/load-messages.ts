import { z } from 'zod';

// What the benchmark and its process of callers say to each other.

const target = z.object({ host: z.string(), port: z.int(), path: z.string(), headers: z.record(z.string(), z.string()) });

/** Where a candidate is asked. */
export type Target = z.infer<typeof target>;

const question = z.object({
  form: z.enum(['chat', 'messages', 'look-up']),
  model: z.string(),
  isStreamed: z.boolean(),
  /** Bytes of text in the prompt, about. */
  promptBytes: z.int(),
  /** Words that a right answer has. */
  words: z.int(),
});

/** What is asked, and what a right answer is. */
export type Question = z.infer<typeof question>;

const asked = { target, question };

export const loadCommand = z.discriminatedUnion('kind', [
  /** So many callers, each asking again as soon as it has its answer. */
  z.object({ kind: z.literal('closed'), ...asked, callers: z.int(), durationMs: z.number() }),
  /** So many calls a second, whether those before are answered or not. */
  z.object({ kind: z.literal('open'), ...asked, perSecond: z.number(), durationMs: z.number() }),
  /** Streams that are opened and held: one for each target, in turns. */
  z.object({ kind: z.literal('hold'), targets: z.array(target), questions: z.array(question), streams: z.int() }),
  /** All held streams are cut at once. */
  z.object({ kind: z.literal('drop') }),
]);

export type LoadCommand = z.infer<typeof loadCommand>;

const latency = z.object({ count: z.int(), p50Ms: z.number(), p99Ms: z.number(), p999Ms: z.number(), maxMs: z.number() });

export const loadReport = z.object({
  /** Right answers. For held streams: those that said their first word. */
  answers: z.int(),
  wrong: z.int(),
  /** What was wrong first. */
  firstFault: z.string().optional(),
  elapsedMs: z.number(),
  latency,
});

export type LoadReport = z.infer<typeof loadReport>;
