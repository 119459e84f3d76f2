import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, release, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { direct, type Candidate } from './candidates/candidate.ts';
import { buildProgram, sourceProgram } from './candidates/flashmux-program.ts';
import { makeFlashmuxHome, startFlashmux, type Flashmux } from './candidates/start-flashmux.ts';
import { nginxVersion, startNginx } from './candidates/start-nginx.ts';
import { startLeastProxy } from './candidates/start-least-proxy.ts';
import { installPeers, startPortkey } from './candidates/start-portkey.ts';
import { startHost, startLoad } from './processes.ts';
import { memoryBytes } from './measure/process-usage.ts';
import { compareRatios } from './report/compare-ratios.ts';
import { figuresText } from './report/figures-text.ts';
import { results as resultsShape, type Results } from './report/results.ts';
import type { BenchRun } from './works/bench-run.ts';
import { measureColdStart } from './works/measure-cold-start.ts';
import { measureHistory } from './works/measure-history.ts';
import { measureIdle } from './works/measure-idle.ts';
import { measureLatency } from './works/measure-latency.ts';
import { measureWork } from './works/measure-work.ts';
import { works, type WorkName } from './works/works.ts';

const usage = `npm run bench -- [options]

  --quick              all with targets, small, in less than a minute on a machine with nothing else to do
  --rounds <n>         rounds of each kind of work, the candidates in turns (5; quick 3)
  --window <ms>        how long a candidate is asked in one round (3000; quick 250)
  --warm-up <ms>       how long gateways of JavaScript are warmed up for each kind of work (20000; quick 500, with --check 4000)
  --only <words>       kinds of work, separated by commas: ${works.map(({ name }) => name).join(', ')}, latency, idle, history, cold
  --streams <n>        idle streams (10000; quick 1000)
  --history <n>        request records of the simulated day (1000000; quick 20000; the figure of the issue is 10000000)
  --sources, --built   runs flashmux from its sources (quick), or as it is published
  --note <text>        what else ran on the machine; it stands beside the figures
  --json <file>        where the results go (bench/results/gateway.json); bench/gateway/results/recorded.json is the recorded run
  --check              compares the ratios with those of the recorded run, and fails where one has become worse by more than 30 %
`;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    window: { type: 'string' },
    'warm-up': { type: 'string' },
    only: { type: 'string' },
    streams: { type: 'string' },
    history: { type: 'string' },
    note: { type: 'string', default: '' },
    json: { type: 'string', default: path.join(import.meta.dirname, '../results/gateway.json') },
    sources: { type: 'boolean', default: false },
    built: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** What a quick run measures needs no build; how much time and memory it takes to load types is all that differs. */
const runsSources = values.sources || (values.quick && !values.built);

/** A number of the command line; what it is without one depends on `--quick`. */
function count(given: string | undefined, usual: number, quick: number): number {
  const number = Number(given ?? (values.quick ? quick : usual));
  if (Number.isInteger(number) && number > 0) return number;
  throw new Error(`"${given}" is no number of that kind.\n\n${usage}`);
}

function requireMachine(): void {
  if (process.platform !== 'linux') throw new Error('The benchmark reads CPU time from /proc, which only Linux has.');
  if (nginxVersion() !== undefined) return;
  throw new Error('nginx is missing, which the figures are compared with. On Debian: apt-get install nginx-light');
}

/** Too slow for a quick run, and no target stands on them. */
const slow: readonly string[] = ['burst', 'paced'] satisfies readonly WorkName[];

function isWanted(name: string): boolean {
  if (values.only !== undefined) return values.only.split(',').includes(name);
  return !values.quick || !slow.includes(name);
}

/** Starts all of them; each is told of as soon as it runs, so that it is stopped whatever becomes of the others. */
async function startCandidates(
  folder: string,
  { host, program }: Pick<BenchRun, 'host' | 'program'>,
  onStart: (candidate: Candidate) => void,
): Promise<Flashmux> {
  const place = async (name: string): Promise<string> => {
    const made = path.join(folder, name);
    await mkdir(made, { recursive: true });
    return made;
  };
  onStart(direct(host));
  onStart(await startNginx(await place('nginx'), host));
  onStart(await startLeastProxy(await place('least'), host));
  const options = { folder: await place('flashmux'), host, program };
  const flashmux = await startFlashmux(options, await makeFlashmuxHome(options));
  onStart(flashmux);
  onStart(await startPortkey(await place('portkey'), host));
  return flashmux;
}

async function measureAll(run: BenchRun): Promise<Results> {
  const loadBefore = loadavg()[0] ?? 0;
  const idle = new Map(run.candidates.map(({ name, processIds }) => [name, memoryBytes(processIds)]));
  const measured: Results['works'] = [];
  for (const work of works.filter(({ name }) => isWanted(name) || (name === 'small' && isWanted('latency')))) {
    said(work.title);
    measured.push(await measureWork(run, work));
  }
  const small = measured.find(({ work }) => work === 'small');
  const parts: Pick<Results, 'latency' | 'idle' | 'history' | 'coldStartMs'> = {};
  if (small !== undefined && isWanted('latency')) {
    said('latency at half load');
    parts.latency = await measureLatency(run, small);
  }
  const loaded = (name: keyof (typeof measured)[number]['candidates']): number =>
    Math.max(0, ...measured.map(({ candidates }) => candidates[name]?.memoryBytes ?? 0));
  const gateways = run.candidates.filter(({ name }) => name !== 'direct' && name !== 'least');
  const memory = gateways.map(({ name }) => [name, { idleBytes: idle.get(name) ?? 0, loadedBytes: loaded(name) }]);
  if (isWanted('idle')) {
    said('idle streams');
    parts.idle = await measureIdle(run, count(values.streams, 10_000, 1_000));
  }
  if (isWanted('history')) {
    said('look-ups');
    parts.history = await measureHistory(run, count(values.history, 1_000_000, 20_000));
  }
  if (isWanted('cold')) {
    said('cold start');
    parts.coldStartMs = await measureColdStart(run);
  }
  return {
    takenAt: new Date().toISOString(),
    machine: {
      processor: cpus()[0]?.model ?? 'unknown',
      cores: availableParallelism(),
      memoryBytes: totalmem(),
      system: `Linux ${release()}`,
      node: process.version,
      loadBefore,
      note: values.note,
    },
    versions: Object.fromEntries(gateways.map(({ name, version }) => [name, version])),
    options: { program: runsSources ? 'sources' : 'built', rounds: run.rounds, windowMs: run.windowMs, warmUpMs: run.warmUpMs },
    works: measured,
    ...parts,
    memory: Object.fromEntries(memory),
  };
}

function said(what: string): void {
  console.log(`${(performance.now() / 1_000).toFixed(0).padStart(4)} s  ${what}`);
}

async function bench(): Promise<Results> {
  const program = runsSources ? sourceProgram : await buildProgram();
  const folder = await mkdtemp(path.join(tmpdir(), 'flashmux-bench-'));
  const host = await startHost();
  const load = startLoad();
  const candidates: Candidate[] = [];
  try {
    const flashmux = await startCandidates(folder, { host, program }, (candidate) => candidates.push(candidate));
    const [rounds, windowMs] = [count(values.rounds, 5, 3), count(values.window, 3_000, 250)];
    const warmUpMs = count(values['warm-up'], 20_000, values.check ? 4_000 : 500);
    return await measureAll({ host, load, candidates, flashmux, rounds, windowMs, warmUpMs, program, folder });
  } finally {
    await Promise.all(candidates.map((candidate) => candidate.stop()));
    load.stop();
    host.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  if (values.help) {
    console.log(usage);
    return;
  }
  requireMachine();
  installPeers();
  const taken = await bench();
  console.log(`\n${figuresText(taken)}`);
  await mkdir(path.dirname(values.json), { recursive: true });
  await writeFile(values.json, `${JSON.stringify(taken, undefined, 2)}\n`);
  if (!values.check) return;
  const recorded = await readFile(path.join(import.meta.dirname, 'results/recorded.json'), 'utf8');
  const { lines, worse } = compareRatios(resultsShape.parse(JSON.parse(recorded)), taken);
  console.log(`\n${lines.join('\n')}`);
  if (worse > 0) process.exitCode = 1;
}

await main();
