import { median } from '../measure/median.ts';
import type { Latency, Results, WorkResult } from '../report/results.ts';
import { inTurns, type BenchRun } from './bench-run.ts';
import { workNamed, type CandidateName } from './works.ts';

type LatencyResult = NonNullable<Results['latency']>;

interface Measured {
  readonly callsPerSecond: number;
  readonly rounds: Latency[];
  wrong: number;
}

/**
 * Latencies at half load: each candidate is asked half as often as flashmux could answer in the closed loop, at moments that are fixed
 * beforehand. A candidate that cannot answer as often is asked half as often as it could itself.
 */
export async function measureLatency(run: BenchRun, small: WorkResult): Promise<LatencyResult> {
  const { scenario, question } = workNamed('small');
  const half = (name: CandidateName): number =>
    median(small.candidates[name]?.rounds.map(({ unitsPerSecond }) => unitsPerSecond) ?? []) / 2;
  const wanted = half('flashmux');
  const measured = new Map<CandidateName, Measured>();
  for (let number = 0; number < run.rounds; number++) {
    for (const candidate of inTurns(run.candidates, number)) {
      const perSecond = Math.max(1, Math.floor(Math.min(wanted, half(candidate.name))));
      const target = candidate.target({ scenario, form: question.form });
      const command = { kind: 'open', target, question: { ...question, model: scenario }, perSecond } as const;
      const { latency, wrong } = await run.load.run({ ...command, durationMs: run.windowMs });
      const own = measured.get(candidate.name) ?? { callsPerSecond: perSecond, rounds: [], wrong: 0 };
      measured.set(candidate.name, own);
      own.rounds.push({ p50Ms: latency.p50Ms, p99Ms: latency.p99Ms, p999Ms: latency.p999Ms });
      own.wrong += wrong;
    }
  }
  return { callsPerSecond: Math.floor(wanted), candidates: Object.fromEntries(measured) };
}
