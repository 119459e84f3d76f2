import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Candidate } from '../candidates/candidate.ts';
import { gatewayStarts } from '../candidates/gateway-starts.ts';
import type { Question } from '../load-messages.ts';
import { memoryBytes } from '../measure/process-usage.ts';
import type { IdleResult } from '../report/results.ts';
import type { BenchRun } from './bench-run.ts';
import type { CandidateName } from './works.ts';

/** Files that a gateway needs beside one socket to the caller and one to the host for each stream. */
const otherFiles = 400;
/** How long settling may take before those that are still open are counted as lost. */
const settleMs = 60_000;
/** For what the kernel and the collector of garbage still do after the last stream was opened or cut. */
const restMs = 1_000;

const question: Omit<Question, 'model'> = { form: 'chat', isStreamed: true, promptBytes: 200, words: 1 };

/** Enough to have everything loaded that a first call loads. */
const firstStreams = 50;

/**
 * Streams that said one word and are held, at gateways that did nothing before: memory that earlier work left free would hide what
 * these take. They are then cut all at once, and the books of flashmux are looked into.
 */
export async function measureIdle(run: BenchRun, wanted: number): Promise<IdleResult> {
  const openFiles = mostOpenFiles();
  const streams = Math.min(wanted, Math.floor((openFiles - otherFiles) / 2));
  const { host, program } = run;
  const measured = new Map<CandidateName, Held>();
  let settled: IdleResult['settled'] = { seconds: 0, records: 0, lost: 0, outcomes: {} };
  for (const { name, folder, start } of await gatewayStarts({ folder: path.join(run.folder, 'idle'), host, program })) {
    const candidate = await start();
    try {
      await hold(run, candidate, firstStreams);
      await run.load.run({ kind: 'drop' });
      await pause(restMs);
      if (name === 'flashmux') await untilRecorded(dataFileIn(folder), firstStreams);
      const before = name === 'flashmux' ? outcomes(dataFileIn(folder)) : {};
      measured.set(name, await hold(run, candidate, streams));
      const cutAt = performance.now();
      const { answers: cut } = await run.load.run({ kind: 'drop' });
      if (name === 'flashmux') settled = await untilSettled(dataFileIn(folder), { before, cut, cutAt });
    } finally {
      await candidate.stop();
    }
  }
  return { wanted, streams, openFiles, candidates: Object.fromEntries(measured), settled };
}

function dataFileIn(folder: string): string {
  return path.join(folder, 'flashmux.db');
}

interface Held {
  readonly held: number;
  readonly failed: number;
  readonly bytesEach: number;
}

async function hold({ load }: BenchRun, candidate: Candidate, streams: number): Promise<Held> {
  const before = memoryBytes(candidate.processIds);
  const targets = [candidate.target({ scenario: 'idle', form: 'chat' })];
  const questions = [{ ...question, model: 'idle' }];
  const { answers, wrong, firstFault } = await load.run({ kind: 'hold', targets, questions, streams });
  if (firstFault !== undefined) {
    console.log(`  ${candidate.name}: ${wrong} of ${streams} streams could not be held: ${firstFault.slice(0, 200)}`);
  }
  await pause(restMs);
  const bytesEach = (memoryBytes(candidate.processIds) - before) / Math.max(1, answers);
  return { held: answers, failed: wrong, bytesEach };
}

const outcomeRows = z.array(z.object({ outcome: z.string(), count: z.int() }));
type Outcomes = Readonly<Record<string, number>>;

/** Requests by how they ended, as the data file says, read beside the server. */
function outcomes(dataFile: string): Outcomes {
  return reading(dataFile, (database) => {
    const rows = outcomeRows.parse(database.prepare('SELECT outcome, COUNT(*) AS count FROM request_records GROUP BY 1').all());
    return Object.fromEntries(rows.map(({ outcome, count }) => [outcome, count]));
  });
}

function reading<Value>(dataFile: string, read: (database: DatabaseSync) => Value): Value {
  const database = new DatabaseSync(dataFile, { readOnly: true, timeout: 5_000 });
  try {
    return read(database);
  } finally {
    database.close();
  }
}

interface Cut {
  readonly before: Outcomes;
  /** Streams that were cut, and when. */
  readonly cut: number;
  readonly cutAt: number;
}

/** A stream is settled once it has its record, which is written with its charge. Gives up after `settleMs`. */
async function untilRecorded(dataFile: string, records: number): Promise<void> {
  const from = performance.now();
  while (sumOf(outcomes(dataFile)) < records && performance.now() - from < settleMs) await pause(50);
}

/** A stream is lost that has no record afterwards. */
async function untilSettled(dataFile: string, { before, cut, cutAt }: Cut): Promise<IdleResult['settled']> {
  await untilRecorded(dataFile, sumOf(before) + cut);
  const seconds = (performance.now() - cutAt) / 1_000;
  const after = Object.entries(outcomes(dataFile)).map(([outcome, count]) => [outcome, count - (before[outcome] ?? 0)] as const);
  const records = after.reduce((sum, [, count]) => sum + count, 0);
  return { seconds, records, lost: cut - records, outcomes: Object.fromEntries(after.filter(([, count]) => count > 0)) };
}

function sumOf(counts: Outcomes): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function mostOpenFiles(): number {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1];
  return hard === undefined ? 1_024 : Number(hard);
}
