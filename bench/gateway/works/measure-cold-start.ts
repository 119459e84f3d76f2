import path from 'node:path';
import type { Candidate } from '../candidates/candidate.ts';
import { gatewayStarts } from '../candidates/gateway-starts.ts';
import type { Results } from '../report/results.ts';
import type { BenchRun } from './bench-run.ts';
import { workNamed, type CandidateName } from './works.ts';

/** From the start of the process to the end of its first right answer, in milliseconds. Without an engine, on a folder that is there. */
export async function measureColdStart(run: BenchRun): Promise<Results['coldStartMs']> {
  const { folder, host, program } = run;
  const starts = await gatewayStarts({ folder: path.join(folder, 'cold'), host, program });
  const taken = new Map<CandidateName, number[]>(starts.map(({ name }) => [name, []]));
  for (let round = 0; round < run.rounds; round++) {
    for (const { name, start } of starts) taken.get(name)?.push(await coldStart(run, start));
  }
  return Object.fromEntries(taken);
}

async function coldStart({ load }: BenchRun, start: () => Promise<Candidate>): Promise<number> {
  const { scenario, question } = workNamed('small');
  const begunAt = performance.now();
  const candidate = await start();
  try {
    const target = candidate.target({ scenario, form: 'chat' });
    const { answers, firstFault } = await load.run({
      kind: 'closed',
      target,
      question: { ...question, model: scenario },
      callers: 1,
      durationMs: 0,
    });
    if (answers === 0) throw new Error(`${candidate.name} gave no first answer: ${firstFault}`);
    return performance.now() - begunAt;
  } finally {
    await candidate.stop();
  }
}
