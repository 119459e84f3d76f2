import { median } from '../measure/median.ts';
import type { CandidateName } from '../works/works.ts';
import { works } from '../works/works.ts';
import { barPlot } from './bar-plot.ts';
import { addedLatency, cpuRounds, workOf } from './figures.ts';
import { cpuTable, historyTable, idleTable, latencyTable, loopTable, startTable, targetTable } from './figures-text.ts';
import type { Results } from './results.ts';

/** The parts of docs/performance.md that come from the recorded run. */
export function performanceTables(results: Results): Readonly<Record<string, string>> {
  return {
    taken: takenText(results),
    targets: targetTable(results),
    cpu: cpuTable(results),
    latency: latencyTable(results),
    loop: loopTable(results),
    idle: idleTable(results),
    history: historyTable(results),
    start: startTable(results),
  };
}

/** By file name. */
export function performancePlots(results: Results): Readonly<Record<string, string>> {
  return { 'performance-cpu.svg': cpuPlot(results), 'performance-latency.svg': latencyPlot(results) };
}

/** Replaces what stands between the marks of each table. Throws where a mark is missing. */
export function filledPage(page: string, tables: Readonly<Record<string, string>>): string {
  return Object.entries(tables).reduce((text, [name, table]) => {
    const [open, close] = [`<!-- table:${name} -->`, `<!-- /table:${name} -->`];
    const [from, to] = [text.indexOf(open), text.indexOf(close)];
    if (from < 0 || to < 0) throw new Error(`docs/performance.md has no place for the table ${name}`);
    return `${text.slice(0, from + open.length)}\n\n${table}\n\n${text.slice(to)}`;
  }, page);
}

function takenText({ takenAt, machine, versions, options }: Results): string {
  const gateways = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const { rounds, windowMs, warmUpMs, program } = options;
  return [
    `Taken ${takenAt.slice(0, 10)} on ${machine.cores} cores of ${machine.processor}, ${Math.round(machine.memoryBytes / 2 ** 30)} GB of memory, ${machine.system};`,
    `Node ${machine.node}, ${gateways.join(', ')}, flashmux ${program === 'built' ? 'as it is published' : 'from its sources'}.`,
    `${rounds} rounds of ${windowMs} ms, warmed up for ${warmUpMs} ms. Load average before the run: ${machine.loadBefore.toFixed(1)}.`,
    ...(machine.note === '' ? [] : [`**${machine.note}**`]),
  ].join('\n');
}

const colors: Readonly<Record<CandidateName, string>> = {
  direct: '#999999',
  nginx: '#009e73',
  least: '#e69f00',
  flashmux: '#0072b2',
  portkey: '#d55e00',
};

const gateways = ['nginx', 'least', 'flashmux', 'portkey'] as const;

function cpuPlot(results: Results): string {
  const groups = works.flatMap(({ name, title, unit }) => {
    const result = workOf(results, name);
    if (result === undefined) return [];
    const bars = gateways.map((candidate) => ({
      name: candidate,
      value: median(cpuRounds(result, candidate)),
      color: colors[candidate],
    }));
    return [{ label: `${shortened(title)}, ${unit}`, bars: bars.filter(({ value }) => value > 0) }];
  });
  return barPlot({ title: 'CPU of the gateway for a unit of work', unit: 'microseconds', groups });
}

function shortened(title: string): string {
  return title.replace('streamed answer at full speed', 'stream').replace(/ \(.*\)/, '');
}

function latencyPlot(results: Results): string {
  const shares = [
    ['p50', 'p50Ms'],
    ['p99', 'p99Ms'],
    ['p99.9', 'p999Ms'],
  ] as const;
  const groups = shares.map(([label, at]) => ({
    label,
    bars: gateways.map((name) => ({ name, value: addedLatency(results, name, at), color: colors[name] })),
  }));
  return barPlot({ title: 'Latency added at half load', unit: 'milliseconds', groups });
}
