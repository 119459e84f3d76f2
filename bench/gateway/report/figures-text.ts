import { median } from '../measure/median.ts';
import { candidateNames, works } from '../works/works.ts';
import { addedLatency, cpuRounds, figuresOf, workOf, type Figure } from './figures.ts';
import type { LookUp, Results } from './results.ts';

/** All tables of one run, in Markdown. */
export function figuresText(results: Results): string {
  return [targetTable, cpuTable, latencyTable, loopTable, idleTable, historyTable, startTable]
    .map((write) => write(results))
    .filter((text) => text !== '')
    .join('\n\n');
}

/** The table of the issue: targets, what was measured, and whether it is reached. */
export function targetTable(results: Results): string {
  const rows = figuresOf(results).map((figure) => [
    figure.work,
    figure.what,
    `at most ${inUnit(figure, figure.target)}`,
    inUnit(figure, figure.measured),
    figure.measured <= figure.target ? 'reached' : '**missed**',
  ]);
  return table(['work', 'figure', 'target', 'measured', ''], rows);
}

/** CPU of each gateway for a unit of work, and how many units of it the machine did in a second. */
export function cpuTable(results: Results): string {
  const rows = works.flatMap(({ name, title, unit }) => {
    const result = workOf(results, name);
    if (result === undefined) return [];
    const cells = candidateNames.map((candidate) => {
      const rounds = result.candidates[candidate]?.rounds;
      if (rounds === undefined) return '-';
      const host = median(rounds.map(({ hostCpuMicroseconds }) => hostCpuMicroseconds));
      const cpu = candidate === 'direct' ? `(${rounded(host)})` : rounded(median(cpuRounds(result, candidate)));
      return `${cpu} · ${rounded(median(rounds.map(({ unitsPerSecond }) => unitsPerSecond)))}`;
    });
    const wrong = Object.values(result.candidates).reduce(
      (sum, { rounds }) => sum + rounds.reduce((each, round) => each + round.wrong, 0),
      0,
    );
    return [[title, unit, ...cells, String(wrong)]];
  });
  return table(['work', 'unit', ...candidateNames.map((name) => `${name}: µs · units/s`), 'wrong answers'], rows);
}

export function latencyTable(results: Results): string {
  const { latency } = results;
  if (latency === undefined) return '';
  const rows = candidateNames.flatMap((name) => {
    const measured = latency.candidates[name];
    if (measured === undefined) return [];
    const figures = (['p50Ms', 'p99Ms', 'p999Ms'] as const).map((at) =>
      name === 'direct'
        ? `(${median(measured.rounds.map((round) => round[at])).toFixed(2)})`
        : addedLatency(results, name, at).toFixed(2),
    );
    return [[name, String(measured.callsPerSecond), ...figures]];
  });
  return table(['half load', 'calls a second', 'p50 added, ms', 'p99 added, ms', 'p99.9 added, ms'], rows);
}

/** The longest that the event loop of flashmux was kept from its work. */
export function loopTable(results: Results): string {
  const rows = results.works.flatMap(({ work, loop }) => {
    const title = works.find(({ name }) => name === work)?.title ?? work;
    return loop === undefined ? [] : [[title, loop.longestBusyMs.toFixed(1), loop.longestDelayMs.toFixed(1)]];
  });
  return table(['work', 'CPU time in one go, at most, ms', 'delay by the clock, ms'], rows);
}

export function idleTable({ idle }: Results): string {
  if (idle === undefined) return '';
  const rows = Object.entries(idle.candidates).map(([name, { held, failed, bytesEach }]) => [
    name,
    held.toLocaleString('en'),
    String(failed),
    `${(bytesEach / 1_000).toFixed(1)} KB`,
  ]);
  return table(['idle streams', 'held', 'not held', 'memory each'], rows);
}

export function historyTable({ history }: Results): string {
  if (history === undefined) return '';
  const cell = (lookUps: readonly LookUp[], route: string): string => {
    const rounds = lookUps.find((lookUp) => lookUp.route === route)?.rounds ?? [];
    const [p50Ms, cpu] = [median(rounds.map((round) => round.p50Ms)), median(rounds.map((round) => round.cpuMicroseconds))];
    return `${p50Ms.toFixed(2)} · ${Math.round(cpu)}`;
  };
  const rows = history.empty.map(({ route }) => [
    `GET ${route}`,
    cell(history.empty, route),
    ...history.full.map(({ lookUps }) => cell(lookUps, route)),
  ]);
  const [all, ...shares] = [history.records, ...history.full.map(({ recordsOfAccount }) => recordsOfAccount)].map((count) =>
    count.toLocaleString('en'),
  );
  const heads = shares.map((share) => `${all} records, ${share} of the account`);
  return table(['look-up: p50 ms · CPU µs', 'one request', ...heads], rows);
}

export function startTable({ coldStartMs, memory }: Results): string {
  const rows = Object.entries(memory).map(([name, { idleBytes, loadedBytes }]) => {
    const cold = Object.entries(coldStartMs ?? {}).find(([who]) => who === name)?.[1] ?? [];
    return [
      name,
      cold.length === 0 ? '-' : `${Math.round(median(cold))} ms`,
      inMegabytes(idleBytes),
      loadedBytes === 0 ? '-' : inMegabytes(loadedBytes),
    ];
  });
  return table(['gateway', 'cold start to the first answer', 'memory idle', 'memory at full load'], rows);
}

function inMegabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

export function inUnit({ unit }: Pick<Figure, 'unit'>, value: number): string {
  switch (unit) {
    case 'x':
      return value < 1 ? `1 / ${(1 / value).toFixed(1)}` : `${value.toFixed(2)} x`;
    case 'lost':
      return String(value);
    case 'ms':
    case 's':
      return `${value.toFixed(2)} ${unit}`;
    case 'MB':
    case 'KB':
      return `${value.toFixed(value < 100 ? 1 : 0)} ${unit}`;
  }
}

function rounded(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1);
}
