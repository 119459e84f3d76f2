import { test } from 'vitest';
import { sigkills } from './sigkills.ts';
import { times } from './support/fault-run.ts';

test('a server killed at any moment under load loses nothing, charges nothing twice and leaves no hold open', async ({
  task,
}) => {
  task.meta.figures = await sigkills(times({ full: 200, quick: 5 }));
});
