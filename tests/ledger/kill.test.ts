import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createLedger } from '../../src/ledger/create-ledger.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { openDatabase } from '../../src/store/sqlite/open-database.ts';
import { silentLog } from '../../src/telemetry/log.ts';

const rounds = 5;

const fact = z.strictObject({
  credited: z.string().optional(),
  held: z.string().optional(),
  released: z.string().optional(),
  settled: z.string().optional(),
  total: z.string().optional(),
});

type Fact = z.infer<typeof fact>;

test('a process killed at any moment loses nothing that it acknowledged, and leaves no hold open', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'flashmux-kill-'));
  const file = path.join(folder, 'flashmux.db');
  const acknowledged: Fact[] = [];
  try {
    for (let round = 1; round <= rounds; round++) {
      acknowledged.push(...(await holdUntilKilled(file, round, 40 * round * round)));
      await expectKept(file, `check_${round}`, acknowledged);
    }
    // The rounds must have been about something.
    expect(acknowledged.filter((each) => each.settled !== undefined).length).toBeGreaterThan(40 * rounds);
    expect(acknowledged.filter((each) => each.released !== undefined).length).toBeGreaterThan(0);
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** Kills the process once it has acknowledged so many things, and returns all that it acknowledged. */
async function holdUntilKilled(file: string, round: number, factsBeforeKill: number): Promise<Fact[]> {
  const holder = fileURLToPath(new URL('./holder.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', holder, file, String(round)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let told = '';
  let complaints = '';
  let lines = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    told += text;
    lines += text.split('\n').length - 1;
    if (lines >= factsBeforeKill) child.kill('SIGKILL');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const signal = await new Promise((resolve) => child.on('close', (_, endedBy) => resolve(endedBy)));
  expect(signal, complaints).toBe('SIGKILL');
  // The last line may be cut.
  return told
    .split('\n')
    .slice(0, -1)
    .map((line) => fact.parse(JSON.parse(line)));
}

async function expectKept(file: string, epochId: string, acknowledged: readonly Fact[]): Promise<void> {
  const store = await openSqliteStore({ path: file, log: silentLog, clock: Date, epochId });
  try {
    const ledger = createLedger(store.ledger, { clock: Date, onAlarm: (alarm) => expect.fail(`alarm: ${alarm.kind}`) });
    const entries = await ledger.entries({ accountId: 'customer', limit: 1_000_000 });
    const amounts = new Map(entries.map((entry) => [entry.ref, entry.amount]));
    expect(amounts.size, 'each ref has one entry').toBe(entries.length);

    for (const each of acknowledged) {
      if (each.credited !== undefined) expect(amounts.get(each.credited)).toBe(1_000_000n);
      if (each.settled !== undefined) expect(amounts.get(each.settled), each.settled).toBe(-BigInt(each.total ?? ''));
      if (each.released !== undefined) expect(amounts.has(each.released)).toBe(false);
    }
    const posted = entries.reduce((sum, entry) => sum + entry.amount, 0n);
    const balance = await ledger.balance('customer');
    expect(balance.pending).toBe(0n);
    expect(balance.available).toBe(posted);
  } finally {
    await store.close();
  }
  const sql = openDatabase(file);
  try {
    expect(sql.rows({ text: `SELECT request_id FROM holds WHERE state = 'open'`, values: [] })).toEqual([]);
    expect(sql.rows({ text: 'PRAGMA integrity_check', values: [] })).toEqual([{ integrity_check: 'ok' }]);
    const held = new Set(sql.rows({ text: 'SELECT request_id FROM holds', values: [] }).map((row) => row['request_id']));
    for (const each of acknowledged) if (each.held !== undefined) expect(held.has(each.held), each.held).toBe(true);
  } finally {
    sql.close();
  }
}
