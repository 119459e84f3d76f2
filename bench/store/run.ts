import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createLedger } from '../../src/ledger/create-ledger.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import type { CallFacts } from '../../src/ledger/request-record.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { newId } from '../../src/telemetry/ids.ts';
import { silentLog } from '../../src/telemetry/log.ts';

// Durable hold + settle pairs on one account, by so many callers at a time, and what that does to the event loop that would be
// serving streams meanwhile. The folder for the data file may be given as the argument: the disk decides much of it.

const secondsPerRun = 3;

const folder = await mkdtemp(path.join(process.argv[2] ?? tmpdir(), 'flashmux-bench-'));
const store = await openSqliteStore({
  path: path.join(folder, 'flashmux.db'),
  log: silentLog,
  clock: Date,
  epochId: 'boot_bench',
});
const ledger = createLedger(store.ledger, { clock: Date, onAlarm: (alarm) => console.error(alarm) });
await ledger.openAccount({ id: 'customer', limit: 'prepaid' });
await ledger.topUp('customer', 10n ** 15n, 'bench');

console.log('callers | pairs/s | pair p50 ms | pair p99 ms | longest pause of the event loop ms');
for (const callers of [1, 16, 64, 256]) {
  await measure(callers, ledger, 0.5);
  const { pairs, latencies, longestPauseMs } = await measure(callers, ledger, secondsPerRun);
  const at = (share: number): string => (latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(2);
  console.log([callers, Math.round(pairs / secondsPerRun), at(0.5), at(0.99), longestPauseMs.toFixed(1)].join(' | '));
}

await store.close();
await rm(folder, { recursive: true });

async function measure(callers: number, on: Ledger, seconds: number) {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  const latencies: number[] = [];
  const end = performance.now() + seconds * 1_000;
  delays.enable();
  const caller = async (): Promise<void> => {
    for (let now = performance.now(); now < end;) {
      await holdAndSettle(on);
      const after = performance.now();
      latencies.push(after - now);
      now = after;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  delays.disable();
  return { pairs: latencies.length, latencies: latencies.toSorted((a, b) => a - b), longestPauseMs: delays.max / 1e6 };
}

async function holdAndSettle(on: Ledger): Promise<void> {
  const requestId = newId('req');
  const hold = await on.hold({ requestId, accountId: 'customer', amount: 1_000n, expiresAt: Date.now() + 60_000 });
  const lines = [
    { meter: 'input-text', quantity: 1_200, rate: { usd: '0.05', per: 1_000_000 }, amount: 60n },
    { meter: 'output-text', quantity: 300, rate: { usd: '0.40', per: 1_000_000 }, amount: 120n },
  ] as const;
  const usage = { input: { total: 1_200, cacheRead: 800 }, output: { total: 300, reasoning: 120 }, toolCalls: {} };
  const bill = { lines, total: 180n, priceListId: 'qwen-flash@2026-11' };
  await on.settle(hold, { bill, usage, outcome: 'complete', call: callOf(requestId) });
}

function callOf(requestId: string): CallFacts {
  const [provider, model] = ['dashscope', 'qwen-flash'];
  return {
    answerId: requestId.replace('req', 'gen'),
    keyId: 'CTRWbRCUz55',
    namedModel: model,
    answeringModel: model,
    provider,
    attempts: [{ provider, model, durationMs: 900 }],
    streamed: true,
    createdAt: Date.now() - 900,
    firstTokenMs: 300,
    totalMs: 900,
    finishReason: 'stop',
  };
}
