import { cp, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { accountId, addCustomer, makeFlashmuxHome, startFlashmux, type Flashmux } from '../candidates/start-flashmux.ts';
import { cpuMicroseconds } from '../measure/process-usage.ts';
import type { HistoryResult, LookUp, LookUpRound } from '../report/results.ts';
import { afterwardsMs, type BenchRun } from './bench-run.ts';
import { workNamed } from './works.ts';
import { writeHistory } from './write-history.ts';

/** Accounts of a busy day. */
const accounts = 1_000;
/** The one that has half of its requests. */
const busyAccountId = 'busy';

const routes = ['/v1/credits', '/v1/key', '/v1/usage'];

/**
 * Look-ups on a store with one request in it, and on the same with a day of history: of one account among many, and of one that has half
 * of the day. Each store has a server, and they are asked in turns, so that whatever else the machine does meets both.
 */
export async function measureHistory(run: BenchRun, records: number): Promise<HistoryResult> {
  const { host, program } = run;
  const empty = { folder: path.join(run.folder, 'history-empty'), host, program };
  const full = { ...empty, folder: path.join(run.folder, 'history-full') };
  const key = await makeFlashmuxHome(empty);
  const busyKey = await addCustomer(empty.folder, busyAccountId);
  await withServer(empty, key, (server) => answerOnce(run, server));
  await cp(empty.folder, full.folder, { recursive: true });
  const begunAt = performance.now();
  const dataFile = path.join(full.folder, 'flashmux.db');
  const { ofAccount, ofBusyAccount } = writeHistory(dataFile, { records, accounts, busyAccountId, until: Date.now() });
  const generatedSeconds = (performance.now() - begunAt) / 1_000;
  const { size: fileBytes } = await stat(dataFile);
  return withServer(empty, key, (onEmpty) =>
    withServer(full, key, async (onFull) => {
      const before = new Asker(onEmpty, key);
      const usual = new Asker(onFull, key);
      const busy = new Asker(onFull, busyKey);
      await askInTurns(run, [before, usual, busy]);
      return {
        records,
        accounts,
        generatedSeconds,
        fileBytes,
        empty: before.lookUps,
        full: [
          { recordsOfAccount: ofAccount, lookUps: usual.lookUps },
          { recordsOfAccount: ofBusyAccount, lookUps: busy.lookUps },
        ],
      };
    }),
  );
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

/** Somebody who looks up what is theirs, and what that took. */
class Asker {
  readonly lookUps: LookUp[] = routes.map((route) => ({ route, rounds: [] }));
  readonly #server: Flashmux;
  readonly #key: string;

  constructor(server: Flashmux, key: string) {
    this.#server = server;
    this.#key = key;
  }

  async ask({ load }: BenchRun, route: string, durationMs: number): Promise<LookUpRound> {
    const { processIds } = this.#server;
    const target = this.#server.lookUp(route, this.#key);
    const question = { form: 'look-up', model: '', isStreamed: false, promptBytes: 0, words: 0 } as const;
    const before = cpuMicroseconds(processIds);
    const { answers, latency, firstFault } = await load.run({ kind: 'closed', target, question, callers: 1, durationMs });
    await pause(afterwardsMs);
    if (answers === 0) throw new Error(`${route} gave no answer: ${firstFault}`);
    return { cpuMicroseconds: (cpuMicroseconds(processIds) - before) / answers, p50Ms: latency.p50Ms, p99Ms: latency.p99Ms };
  }
}

async function askInTurns(run: BenchRun, askers: readonly Asker[]): Promise<void> {
  for (const asker of askers) for (const route of routes) await asker.ask(run, route, run.windowMs);
  for (let round = 0; round < run.rounds; round++) {
    for (const [place] of routes.entries()) {
      for (const asker of askers) {
        const lookUp = asker.lookUps[place];
        lookUp?.rounds.push(await asker.ask(run, lookUp.route, run.windowMs / 3));
      }
    }
  }
}
