import { expect, test } from 'vitest';
import { Place } from './support/place.ts';
import { times } from './support/fault-run.ts';
import { startMoreServers } from './two-servers.ts';

test('a second server on the data file of a running one is refused, whatever that one does meanwhile', async ({ task }) => {
  task.meta.figures = await startMoreServers(times({ full: 5, quick: 1 }), 4);
});

test('of four servers that start at once on one data file one serves', async ({ task }) => {
  const rounds = times({ full: 5, quick: 1 });
  for (let round = 0; round < rounds; round++) {
    const place = await Place.make({ balances: [1n] });
    try {
      const starts = await Promise.allSettled(Array.from({ length: 4 }, () => place.serve()));
      expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const start of starts) if (start.status === 'rejected') expect(String(start.reason)).toContain('is in use by another');
    } finally {
      await place.remove();
    }
  }
  task.meta.figures = { starts: 4 * rounds, served: rounds };
});
