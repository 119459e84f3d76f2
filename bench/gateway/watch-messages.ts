import { z } from 'zod';

/** What the benchmark asks of a server that has loaded watch-loop.ts. */
export const watchCommand = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('loop') }),
  z.object({ kind: z.literal('profile'), everyMicroseconds: z.int() }),
  z.object({ kind: z.literal('write-profile'), folder: z.string() }),
]);

export type WatchCommand = z.infer<typeof watchCommand>;
