import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Access } from '../access/access.ts';
import { createAccess } from '../access/create-access.ts';
import type { KeyAdmin } from '../access/key-admin.ts';
import { createLedger } from '../ledger/create-ledger.ts';
import type { LedgerAdmin } from '../ledger/ledger-admin.ts';
import type { LedgerRecords } from '../ledger/ledger-records.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { createMemoryStore } from '../store/memory/create-memory-store.ts';
import { loadPepper } from '../store/pepper.ts';
import { openSqliteStore } from '../store/sqlite/open-sqlite-store.ts';
import { systemClock } from '../telemetry/clock.ts';
import { newId } from '../telemetry/ids.ts';
import type { Log } from '../telemetry/log.ts';

/** The account of a server with one user: it has no limit, and what it spends is recorded all the same. */
export const localAccountId = 'local';

/** Everything that is kept in the data folder: keys, accounts, what was spent. */
export interface Home {
  readonly access: Access & KeyAdmin;
  readonly ledger: Ledger & LedgerAdmin & LedgerRecords;
  close(): Promise<void>;
}

export interface HomeOptions {
  readonly folder: string;
  /** `owner`: a server. `guest`: a command beside it. `memory`: nothing is kept. */
  readonly role: 'owner' | 'guest' | 'memory';
  readonly log: Log;
  /** The data can no longer be trusted; the process should end. */
  readonly onFailure?: (error: Error) => void;
}

function random(count: number): Uint8Array {
  return randomBytes(count);
}

export async function openHome({ folder, role, log, onFailure }: HomeOptions): Promise<Home> {
  const epochId = newId('boot');
  const clock = systemClock;
  if (role !== 'memory') mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pepper = role === 'memory' ? random(32) : loadPepper(path.join(folder, 'pepper'), random);
  const store =
    role === 'memory'
      ? createMemoryStore({ clock, epochId })
      : await openSqliteStore({
          path: path.join(folder, 'flashmux.db'),
          log,
          clock,
          epochId,
          role,
          ...(onFailure === undefined ? {} : { onFailure }),
        });
  const ledger = createLedger(store.ledger, {
    clock,
    onAlarm: ({ kind, requestId, accountId, ...details }) =>
      log.error({ kind, requestId, accountId, ...details }, 'ledger alarm'),
  });
  await ledger.openAccount({ id: localAccountId, limit: 'none' });
  return { access: createAccess({ keys: store.keys, pepper, clock, randomBytes: random }), ledger, close: () => store.close() };
}
