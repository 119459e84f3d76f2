import { median, medianRatio } from '../measure/median.ts';
import type { CandidateName, WorkName } from '../works/works.ts';
import type { Results, WorkResult } from './results.ts';

/** A figure of the issue: what is to be reached, and what was. */
export interface Figure {
  /** For the regression check: figures of the same id are compared. Absent for times and sizes, which depend on the machine. */
  readonly ratioId?: string;
  readonly work: string;
  readonly what: string;
  readonly measured: number;
  readonly target: number;
  readonly unit: 'x' | 'ms' | 'MB' | 'KB' | 's' | 'lost';
}

export function cpuRounds(result: WorkResult | undefined, name: CandidateName): readonly number[] {
  return result?.candidates[name]?.rounds.map(({ cpuMicroseconds }) => cpuMicroseconds) ?? [];
}

/** Everything that issue 6 sets a target for and that this run measured. A measured value above its target is missed. */
export function figuresOf(results: Results): readonly Figure[] {
  const all = [...ratioFigures(results), ...loopFigures(results), ...latencyFigures(results), ...idleFigures(results)];
  return [...all, ...historyFigures(results), ...startFigures(results)].filter(({ measured }) => !Number.isNaN(measured));
}

export function workOf(results: Results, name: WorkName): WorkResult | undefined {
  return results.works.find(({ work }) => work === name);
}

const ratioTargets: readonly {
  readonly work: WorkName;
  readonly title: string;
  readonly peer: 'nginx' | 'portkey';
  readonly target: number;
}[] = [
  { work: 'small', title: 'whole answer, small body', peer: 'nginx', target: 4 },
  { work: 'small', title: 'whole answer, small body', peer: 'portkey', target: 1 / 8 },
  { work: 'stream', title: 'streamed answer, per chunk', peer: 'nginx', target: 2 },
  { work: 'stream', title: 'streamed answer, per chunk', peer: 'portkey', target: 1 / 6 },
  { work: 'body-100k', title: '100 KB body', peer: 'portkey', target: 1 / 5 },
  { work: 'body-4m', title: '4 MB body', peer: 'portkey', target: 1 / 3 },
];

function ratioFigures(results: Results): readonly Figure[] {
  const figures = ratioTargets.map(({ work, title, peer, target }): Figure => {
    const result = workOf(results, work);
    const measured = medianRatio(cpuRounds(result, 'flashmux'), cpuRounds(result, peer));
    return { ratioId: `${work}/${peer}`, work: title, what: `CPU beside ${peer}`, measured, target, unit: 'x' };
  });
  const result = workOf(results, 'translated');
  const untranslated = result?.beside?.map(({ cpuMicroseconds }) => cpuMicroseconds) ?? [];
  const translated = medianRatio(cpuRounds(result, 'flashmux'), untranslated);
  const work = 'translated stream, per chunk';
  return [
    ...figures,
    { ratioId: 'translated/stream', work, what: 'CPU beside the untranslated', measured: translated, target: 1.5, unit: 'x' },
  ];
}

function loopFigures(results: Results): readonly Figure[] {
  return results.works.flatMap(({ work, loop }): readonly Figure[] => {
    if (loop === undefined || !work.startsWith('body-')) return [];
    const what = 'longest work of the event loop in one go';
    return [
      { work: work === 'body-4m' ? '4 MB body' : '100 KB body', what, measured: loop.longestBusyMs, target: 50, unit: 'ms' },
    ];
  });
}

/** Latency that a gateway adds to that of the host itself, in milliseconds, medians of the rounds. */
export function addedLatency({ latency }: Results, name: CandidateName, at: 'p50Ms' | 'p99Ms' | 'p999Ms'): number {
  const of = (who: CandidateName): number => median(latency?.candidates[who]?.rounds.map((round) => round[at]) ?? []);
  return of(name) - of('direct');
}

function latencyFigures(results: Results): readonly Figure[] {
  const work = 'latency added at half load';
  return [
    { work, what: 'p50', measured: addedLatency(results, 'flashmux', 'p50Ms'), target: 0.5, unit: 'ms' },
    { work, what: 'p99', measured: addedLatency(results, 'flashmux', 'p99Ms'), target: 3, unit: 'ms' },
  ];
}

function idleFigures({ idle }: Results): readonly Figure[] {
  const own = idle?.candidates.flashmux;
  if (idle === undefined || own === undefined) return [];
  const work = `${own.held.toLocaleString('en')} idle streams`;
  return [
    { work, what: 'memory each', measured: own.bytesEach / 1_000, target: 20, unit: 'KB' },
    { work, what: 'all cut at once: settled after', measured: idle.settled.seconds, target: 5, unit: 's' },
    { work, what: 'streams that no record tells of', measured: idle.settled.lost, target: 0, unit: 'lost' },
  ];
}

function historyFigures({ history }: Results): readonly Figure[] {
  if (history === undefined) return [];
  const work = `look-ups with ${history.records.toLocaleString('en')} request records`;
  return history.full.flatMap(({ recordsOfAccount, lookUps }) =>
    lookUps.map(({ route, rounds }): Figure => {
      const before = history.empty.find((lookUp) => lookUp.route === route)?.rounds ?? [];
      // As fast: as near as two measurements of the same come to each other.
      return {
        ratioId: `history/${recordsOfAccount}/${route}`,
        work,
        what: `GET ${route}, ${recordsOfAccount.toLocaleString('en')} of the account, beside an empty store`,
        measured: medianRatio(
          rounds.map(({ p50Ms }) => p50Ms),
          before.map(({ p50Ms }) => p50Ms),
        ),
        target: 1.25,
        unit: 'x',
      };
    }),
  );
}

function startFigures({ coldStartMs, memory }: Results): readonly Figure[] {
  const own = memory.flashmux;
  const cold = median(coldStartMs?.flashmux ?? []);
  return [
    { work: 'cold start to the first answer, no engine', what: 'time', measured: cold / 1_000, target: 0.7, unit: 's' },
    ...(own === undefined
      ? []
      : ([
          { work: 'memory', what: 'idle', measured: own.idleBytes / 1e6, target: 100, unit: 'MB' },
          {
            work: 'memory',
            what: 'at full load',
            measured: own.loadedBytes === 0 ? Number.NaN : own.loadedBytes / 1e6,
            target: 250,
            unit: 'MB',
          },
        ] as const)),
  ];
}
