import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { basename, dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createLocalEngine, type LocalEngine } from '../../src/engine/local-engine.ts';
import type { GenerateRequest } from '../../src/model/request.ts';
import type { Usage } from '../../src/model/usage.ts';
import { systemClock } from '../../src/telemetry/clock.ts';
import { newId } from '../../src/telemetry/ids.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { tinyModelPath } from '../../tests/support/tiny-gguf/tiny-model-path.ts';
import { forbiddenLogit, sampling, type BareSettings, type StreamTimes } from './bare-messages.ts';
import { BareProcess } from './bare-process.ts';

/**
 * How much of node-llama-cpp's own speed is left behind the engine: the same model, threads, batch and sampling, one process
 * each, in turns. The engine's times are taken in this process, so they hold rendering, parsing and the messages between the
 * processes.
 *
 *   node bench/engine/run.ts [--model file.gguf] [--rounds 7] [--tokens 256] [--prompt 512] [--only generation]
 *     [--threads n] [--json file]
 */

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    rounds: { type: 'string', default: '7' },
    tokens: { type: 'string', default: '256' },
    prompt: { type: 'string', default: '512' },
    only: { type: 'string', default: '' },
    threads: { type: 'string', default: String(Math.max(1, availableParallelism() - 1)) },
    json: { type: 'string', default: 'bench/results/engine.json' },
  },
});

const settings: BareSettings = {
  modelPath: values.model === undefined ? await tinyModelPath({ architecture: 'qwen35moe' }) : resolve(values.model),
  threads: Number(values.threads),
  batchTokens: 128,
  contextTokens: 2048,
  parallel: 4,
};
const rounds = Number(values.rounds);
const tokens = Number(values.tokens);
const promptTokens = Number(values.prompt);
const story = 'Write a long story about a lighthouse keeper who finds a map of a city that nobody has ever seen. ';

interface Case {
  readonly name: string;
  readonly streams: number;
  readonly text: string;
  readonly tokens: number;
  /** What is counted: the tokens that went in or those that came out. */
  readonly counts: 'prompt' | 'answer';
}

const cases: readonly Case[] = [
  { name: 'prompt, 1 stream', streams: 1, text: longPrompt(), tokens: 1, counts: 'prompt' },
  { name: 'prompt, 4 streams', streams: 4, text: longPrompt(), tokens: 1, counts: 'prompt' },
  { name: 'generation, 1 stream', streams: 1, text: story, tokens, counts: 'answer' },
  { name: 'generation, 4 streams', streams: 4, text: story, tokens, counts: 'answer' },
];

const bare = new BareProcess();
const bareLoadMs = await timed(() => bare.load(settings));
const { engine, loadMs } = await loadEngine();
try {
  const results = [];
  for (const measured of cases.filter(({ name }) => name.includes(values.only))) results.push(await measure(measured));
  const report = {
    model: basename(settings.modelPath),
    cpu: cpus()[0]?.model,
    cores: availableParallelism(),
    node: process.version,
    settings: { ...settings, modelPath: basename(settings.modelPath), rounds, tokens },
    loadMs: { bare: Math.round(bareLoadMs), engine: Math.round(loadMs) },
    results,
  };
  print(report);
  await mkdir(dirname(resolve(values.json)), { recursive: true });
  await writeFile(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
} finally {
  await engine.close();
  bare.close();
}

async function loadEngine(): Promise<{ engine: LocalEngine; loadMs: number }> {
  const from = performance.now();
  const created = createLocalEngine({
    ...settings,
    log: silentLog,
    clock: systemClock,
    newCallId: () => newId('call'),
    newSeed: () => 1,
  });
  await created.countTokens('ready');
  return { engine: created, loadMs: performance.now() - from };
}

/** Medians over interleaved rounds; the first round of each warms up and is not counted. */
async function measure(measured: Case): Promise<{ name: string; bare: number; engine: number; share: number }> {
  const bareSpeeds: number[] = [];
  const engineSpeeds: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const own = await runEngine(measured, round);
    const yardstick = await bare.run({
      kind: 'run',
      streams: measured.streams,
      prompt: measured.text,
      promptTokens: own.promptTokens,
      tokens: measured.tokens,
      seed: round,
    });
    if (round === 0) continue;
    engineSpeeds.push(speed(measured, own.promptTokens, own.streams));
    bareSpeeds.push(speed(measured, own.promptTokens, yardstick.streams));
  }
  const [bareSpeed, engineSpeed] = [median(bareSpeeds), median(engineSpeeds)];
  return { name: measured.name, bare: bareSpeed, engine: engineSpeed, share: engineSpeed / bareSpeed };
}

/** Tokens per second of all streams together: of the prompts up to the last end, of the answers after each one's first token. */
function speed(measured: Case, promptLength: number, streams: readonly StreamTimes[]): number {
  switch (measured.counts) {
    case 'prompt':
      return ((promptLength * streams.length) / Math.max(...streams.map(({ endMs }) => endMs))) * 1000;
    case 'answer':
      return streams.reduce(
        (sum, { tokens: count, firstTokenMs, endMs }) => sum + ((count - 1) / (endMs - firstTokenMs)) * 1000,
        0,
      );
  }
}

async function runEngine(measured: Case, round: number): Promise<{ streams: readonly StreamTimes[]; promptTokens: number }> {
  const from = performance.now();
  const runs = await Promise.all(
    // The first words differ, so that no prompt is kept from an earlier round.
    Array.from({ length: measured.streams }, (_, stream) =>
      runStream(request(`${round} ${stream} ${measured.name}: ${measured.text}`, measured.tokens, round + stream), from),
    ),
  );
  if (runs.some(({ usage }) => (usage?.input.cacheRead ?? 0) > 0))
    throw new Error('a prompt was reused, so its time says nothing');
  return { streams: runs.map(({ times }) => times), promptTokens: runs[0]?.usage?.input.total ?? 0 };
}

async function runStream(asked: GenerateRequest, from: number): Promise<{ times: StreamTimes; usage: Usage | undefined }> {
  let firstTokenMs: number | undefined;
  let usage: Usage | undefined;
  for await (const batch of engine.run(asked, new AbortController().signal)) {
    if (batch.some((event) => event.kind === 'part-delta')) firstTokenMs ??= performance.now() - from;
    usage = batch.findLast((event) => event.kind === 'usage')?.usage ?? usage;
  }
  const endMs = performance.now() - from;
  return { times: { firstTokenMs: firstTokenMs ?? endMs, endMs, tokens: usage?.output.total ?? 0 }, usage };
}

function request(text: string, completionTokens: number, seed: number): GenerateRequest {
  return {
    model: 'bench',
    turns: [{ role: 'user', parts: [{ kind: 'text', text }] }],
    tools: [],
    sampling: {
      ...sampling,
      seed,
      logitBias: Object.fromEntries(bare.endTokens.map((token) => [String(token), forbiddenLogit])),
    },
    limits: { completionTokens },
    thinking: { kind: 'off' },
    form: { kind: 'unsaid' },
    delivery: { kind: 'stream' },
  };
}

function longPrompt(): string {
  return story.repeat(Math.ceil(promptTokens / 24));
}

async function timed(work: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function print(report: {
  readonly model: string;
  readonly loadMs: { readonly bare: number; readonly engine: number };
  readonly results: readonly { name: string; bare: number; engine: number; share: number }[];
}): void {
  console.log(`${report.model}, ${settings.threads} thread(s), medians of ${rounds} rounds, tokens per second\n`);
  console.log(`| measured | bare node-llama-cpp | flashmux engine | share |\n| --- | ---: | ---: | ---: |`);
  for (const { name, bare: bareSpeed, engine: engineSpeed, share } of report.results) {
    console.log(`| ${name} | ${bareSpeed.toFixed(1)} | ${engineSpeed.toFixed(1)} | ${(share * 100).toFixed(1)} % |`);
  }
  console.log(`| load, ms | ${report.loadMs.bare} | ${report.loadMs.engine} | |`);
}
