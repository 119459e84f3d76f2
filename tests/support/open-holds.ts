import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import type { TestServer } from './test-server.ts';

/** The lease of an account that was busy goes back within seconds. */
const waitMs = 30_000;

/** Resolves once no hold is open, free ones and leases included: an amount of nothing does not show in a balance. Throws after 30 s. */
export async function untilNoHoldIsOpen(server: TestServer): Promise<void> {
  const deadline = performance.now() + waitMs;
  for (let open = openHolds(server); open > 0; open = openHolds(server)) {
    if (performance.now() > deadline) throw new Error(`after ${waitMs / 1_000} s there are still ${open} open holds`);
    await pause(5);
  }
}

function openHolds({ home }: TestServer): number {
  const database = new DatabaseSync(path.join(home, 'flashmux.db'), { readOnly: true });
  try {
    return Number(database.prepare("SELECT count(*) AS open FROM holds WHERE state = 'open'").get()?.['open']);
  } finally {
    database.close();
  }
}
