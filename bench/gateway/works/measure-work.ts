import { setTimeout as pause } from 'node:timers/promises';
import type { Candidate } from '../candidates/candidate.ts';
import { cpuMicroseconds, memoryBytes } from '../measure/process-usage.ts';
import type { Round, WorkResult } from '../report/results.ts';
import { afterwardsMs, inTurns, type BenchRun } from './bench-run.ts';
import { workNamed, type CandidateName, type Work } from './works.ts';

/** One kind of work at all of its candidates, in turns, each warmed up before. */
export async function measureWork(run: BenchRun, work: Work): Promise<WorkResult> {
  const taking = run.candidates.filter(({ name }) => work.candidates.includes(name));
  const measured = new Map<CandidateName, { rounds: Round[]; memoryBytes: number }>();
  for (const candidate of taking) {
    await measureRound(run, work, candidate, isCompiledAsItRuns(candidate) ? run.warmUpMs : briefMs);
    measured.set(candidate.name, { rounds: [], memoryBytes: 0 });
  }
  const other = work.beside === undefined ? undefined : workNamed(work.beside);
  const beside: Round[] = [];
  if (other !== undefined) await measureRound(run, other, run.flashmux, run.warmUpMs);
  await run.flashmux.loop();
  for (let number = 0; number < run.rounds; number++) {
    if (other !== undefined) beside.push(await measureRound(run, other, run.flashmux, run.windowMs));
    for (const candidate of inTurns(taking, number)) {
      const round = await measureRound(run, work, candidate, run.windowMs);
      const own = measured.get(candidate.name);
      if (own === undefined) continue;
      own.rounds.push(round);
      own.memoryBytes = Math.max(own.memoryBytes, memoryBytes(candidate.processIds));
    }
  }
  return {
    work: work.name,
    candidates: Object.fromEntries(measured),
    ...(other === undefined ? {} : { beside }),
    loop: await run.flashmux.loop(),
  };
}

/** For connections and buffers of the others. */
const briefMs = 100;

function isCompiledAsItRuns({ name }: Candidate): boolean {
  return name === 'flashmux' || name === 'portkey' || name === 'least';
}

async function measureRound({ host, load }: BenchRun, work: Work, candidate: Candidate, durationMs: number): Promise<Round> {
  const target = candidate.target({ scenario: work.scenario, form: work.question.form });
  const question = { ...work.question, model: work.scenario };
  const before = { own: cpuMicroseconds(candidate.processIds), host: cpuMicroseconds([host.processId]) };
  const report = await load.run({ kind: 'closed', target, question, callers: work.callers, durationMs });
  await pause(afterwardsMs);
  const own = cpuMicroseconds(candidate.processIds) - before.own;
  const ofHost = cpuMicroseconds([host.processId]) - before.host;
  if (report.answers === 0) throw new Error(`${candidate.name} gave no right answer to "${work.title}": ${report.firstFault}`);
  const units = work.unit === 'answer' ? report.answers : report.answers * work.question.words;
  const { p50Ms, p99Ms, p999Ms } = report.latency;
  return {
    units,
    unitsPerSecond: (units / report.elapsedMs) * 1_000,
    cpuMicroseconds: own / units,
    hostCpuMicroseconds: ofHost / units,
    wrong: report.wrong,
    latency: { p50Ms, p99Ms, p999Ms },
  };
}
