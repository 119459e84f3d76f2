import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TestServer } from './test-server.ts';

/** Holds that nobody has ended, free ones included: an amount of nothing does not show in a balance. */
export function openHolds({ home }: TestServer): number {
  const database = new DatabaseSync(path.join(home, 'flashmux.db'), { readOnly: true });
  try {
    return Number(database.prepare("SELECT count(*) AS open FROM holds WHERE state = 'open'").get()?.['open']);
  } finally {
    database.close();
  }
}
