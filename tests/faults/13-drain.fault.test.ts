import { test } from 'vitest';
import { drain } from './drain.ts';
import { times } from './support/fault-run.ts';

test('after SIGTERM streams end within 30 s or are settled then, and the process ends with no hold open', async ({ task }) => {
  task.meta.figures = await drain({ drainMs: times({ full: 30_000, quick: 3_000 }), streams: times({ full: 100, quick: 20 }) });
});
