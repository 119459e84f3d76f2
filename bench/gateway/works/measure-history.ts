import { stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { accountId, makeFlashmuxHome, startFlashmux, type Flashmux } from '../candidates/start-flashmux.ts';
import { cpuMicroseconds } from '../measure/process-usage.ts';
import type { HistoryResult, LookUp } from '../report/results.ts';
import { afterwardsMs, type BenchRun } from './bench-run.ts';
import { workNamed } from './works.ts';
import { writeHistory } from './write-history.ts';

/** Accounts of a busy day: the one that is asked has its thousandth part. */
const accounts = 1_000;

const routes = ['/v1/credits', '/v1/key', '/v1/usage'];

/** Look-ups of one account, on a store with one request in it and on the same with a day of history. */
export async function measureHistory(run: BenchRun, records: number): Promise<HistoryResult> {
  const folder = path.join(run.folder, 'history');
  const options = { folder, host: run.host, program: run.program };
  const key = await makeFlashmuxHome(options);
  const empty = await withServer(options, key, async (server) => {
    await answerOnce(run, server);
    return await lookUps(run, server);
  });
  const begunAt = performance.now();
  const dataFile = path.join(folder, 'flashmux.db');
  writeHistory(dataFile, { records, accounts, until: Date.now() });
  const generatedSeconds = (performance.now() - begunAt) / 1_000;
  const full = await withServer(options, key, (server) => lookUps(run, server));
  const { size: fileBytes } = await stat(dataFile);
  return { records, accounts, recordsOfAccount: Math.ceil(records / accounts), generatedSeconds, fileBytes, empty, full };
}

async function withServer<Value>(
  options: Parameters<typeof startFlashmux>[0],
  key: string,
  use: (server: Flashmux) => Promise<Value>,
): Promise<Value> {
  const server = await startFlashmux(options, key);
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

/** What the history is a copy of. */
async function answerOnce({ load }: BenchRun, server: Flashmux): Promise<void> {
  const { scenario, question } = workNamed('small');
  const target = server.target({ scenario, form: 'chat' });
  const { answers, firstFault } = await load.run({
    kind: 'closed',
    target,
    question: { ...question, model: scenario },
    callers: 1,
    durationMs: 0,
  });
  if (answers === 0) throw new Error(`${accountId} got no answer: ${firstFault}`);
}

async function lookUps({ load, windowMs }: BenchRun, server: Flashmux): Promise<LookUp[]> {
  const measured: LookUp[] = [];
  for (const route of routes) {
    const target = server.lookUp(route);
    const question = { form: 'look-up', model: '', isStreamed: false, promptBytes: 0, words: 0 } as const;
    const command = { kind: 'closed', target, question, callers: 1 } as const;
    await load.run({ ...command, durationMs: windowMs / 2 });
    const before = cpuMicroseconds(server.processIds);
    const { answers, latency, firstFault } = await load.run({ ...command, durationMs: windowMs });
    await pause(afterwardsMs);
    if (answers === 0) throw new Error(`${route} gave no answer: ${firstFault}`);
    const cpu = (cpuMicroseconds(server.processIds) - before) / answers;
    measured.push({ route, cpuMicroseconds: cpu, p50Ms: latency.p50Ms, p99Ms: latency.p99Ms });
  }
  return measured;
}
