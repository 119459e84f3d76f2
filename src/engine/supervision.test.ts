import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { tinyEngine, tinyRequest } from '../../tests/support/tiny-gguf/tiny-engine.ts';
import { tinyModelPath } from '../../tests/support/tiny-gguf/tiny-model-path.ts';
import { collect, foldStream } from '../model/stream.ts';
import { systemClock } from '../telemetry/clock.ts';
import { newId, newSeed } from '../telemetry/ids.ts';
import { silentLog } from '../telemetry/log.ts';
import { createLocalEngine, type LocalEngine } from './local-engine.ts';
import { isChildMessage, type ModelSettings } from './wire.ts';

const never = new AbortController().signal;
const engines: LocalEngine[] = [];

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

function kept(engine: LocalEngine): LocalEngine {
  engines.push(engine);
  return engine;
}

/** Reads one batch of a long answer, so that it is under way. */
async function underWay(engine: LocalEngine): Promise<AsyncIterator<unknown>> {
  const stream = engine.run(tinyRequest('Hello', { limits: { completionTokens: 1900 } }), never)[Symbol.asyncIterator]();
  await stream.next();
  return stream;
}

async function rest(stream: AsyncIterator<unknown>): Promise<void> {
  while ((await stream.next()).done !== true);
}

function kill(engine: LocalEngine): void {
  if (engine.pid !== undefined) process.kill(engine.pid, 'SIGKILL');
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('a killed child fails the answer under way and serves the next request', async () => {
  const engine = kept(await tinyEngine(undefined, { restarts: { firstWaitMs: 10 } }));
  const stream = await underWay(engine);
  kill(engine);
  await expect(rest(stream)).rejects.toMatchObject({ code: 'engine_crashed', message: expect.stringContaining('SIGKILL') });
  const answer = await foldStream(engine.run(tinyRequest('Hello'), never));
  expect(answer.usage?.output.total).toBe(32);
  expect((await engine.figures()).restarts).toBe(1);
  expect(engine.status().kind).toBe('ready');
});

test('a request that comes while the child restarts waits for it', async () => {
  const engine = kept(await tinyEngine(undefined, { restarts: { firstWaitMs: 100 } }));
  await engine.countTokens('ready');
  kill(engine);
  await until(() => engine.status().kind === 'restarting');
  const answer = await foldStream(engine.run(tinyRequest('Hello'), never));
  expect(answer.usage?.output.total).toBe(32);
});

test('after too many crashes in a row it stays down until a request comes after the pause', async () => {
  let now = 0;
  const clock = { now: () => now, ticks: () => now };
  const engine = kept(await tinyEngine(undefined, { clock, restarts: { firstWaitMs: 1, crashLimit: 1, pauseMs: 5000 } }));
  await until(() => engine.status().kind === 'ready');
  const first = engine.pid;
  kill(engine);
  await until(() => engine.status().kind === 'ready' && engine.pid !== first);
  kill(engine);
  await until(() => engine.status().kind === 'failed');
  await expect(collect(engine.run(tinyRequest('Hello'), never))).rejects.toMatchObject({
    code: 'model_not_ready',
    retryAfterSeconds: 5,
  });
  now += 5000;
  expect((await foldStream(engine.run(tinyRequest('Hello'), never))).usage?.output.total).toBe(32);
});

test('without a model every request is told how to get one', async () => {
  const engine = kept(createLocalEngine({ log: silentLog, clock: systemClock, newCallId: () => newId('call'), newSeed }));
  expect(engine.status()).toEqual({ kind: 'absent' });
  await expect(collect(engine.run(tinyRequest('Hello'), never))).rejects.toMatchObject({
    code: 'model_not_ready',
    message: expect.stringContaining('flashmux models pull'),
  });
  expect(await engine.figures()).toMatchObject({ activeSequences: 0, residentBytes: 0 });

  await engine.load(await tinyModelPath({ architecture: 'qwen35' }));
  expect(engine.model()).toMatchObject({ modelName: 'Tiny qwen35 (random weights)', thinking: true, tools: true });
  expect((await foldStream(engine.run(tinyRequest('Hello'), never))).usage?.output.total).toBe(32);
});

test('another model takes the place of the first, whose answers end with a clear fault', async () => {
  const engine = kept(await tinyEngine());
  const stream = await underWay(engine);
  await Promise.all([
    engine.load(await tinyModelPath({ architecture: 'qwen35', template: 'plain', contextTokens: 512 })),
    expect(rest(stream)).rejects.toMatchObject({ code: 'model_not_ready' }),
  ]);
  expect(engine.model()).toMatchObject({ contextTokens: 511, thinking: false, tools: false });
  const answer = await foldStream(engine.run(tinyRequest('Hello', { thinking: { kind: 'on' } }), never));
  expect(answer.usage?.output).toEqual({ total: 32, text: 32, reasoning: 0 });
  expect((await engine.figures()).restarts).toBe(0);
});

test('a file that is no model is a failure with its reason, and no restarts', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flashmux-'));
  try {
    const path = join(folder, 'broken.gguf');
    await writeFile(path, 'this is no model');
    const engine = kept(await tinyEngine());
    await expect(engine.load(path)).rejects.toMatchObject({ code: 'model_not_ready' });
    expect(engine.status().kind).toBe('failed');
    await expect(collect(engine.run(tinyRequest('Hello'), never))).rejects.toMatchObject({ code: 'model_not_ready' });
    expect((await engine.figures()).restarts).toBe(0);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('closing ends the child and fails what is under way', async () => {
  const engine = await tinyEngine();
  const stream = await underWay(engine);
  const { pid } = engine;
  expect(pid).toBeTypeOf('number');
  const ended = expect(rest(stream)).rejects.toMatchObject({ code: 'shutting_down' });
  await engine.close();
  await ended;
  expect(() => process.kill(pid ?? 0, 0)).toThrow(/ESRCH/);
  await expect(collect(engine.run(tinyRequest('Hello'), never))).rejects.toMatchObject({ code: 'shutting_down' });
});

test('a request does not wait for a loading model longer than told', async () => {
  const engine = kept(await tinyEngine(undefined, { readyWithinMs: 0 }));
  await expect(collect(engine.run(tinyRequest('Hello'), never))).rejects.toMatchObject({ code: 'model_not_ready' });
});

test('a child whose parent is gone ends by itself', async () => {
  const child = fork(new URL('child/main.ts', import.meta.url), {
    serialization: 'advanced',
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const settings: Omit<ModelSettings, 'modelPath'> = {
    contextTokens: 512,
    parallel: 1,
    threads: 1,
    batchTokens: 128,
    queueLimit: 1,
    checkpointBytes: 0,
    pins: { leastTokens: 64 },
    gpu: false,
  };
  child.send({ kind: 'load', settings: { ...settings, modelPath: await tinyModelPath({ architecture: 'qwen35' }) } });
  await new Promise<void>((resolve) => {
    child.on('message', (message) => {
      if (isChildMessage(message) && message.kind === 'ready') resolve();
    });
  });
  const exited = once(child, 'exit');
  child.disconnect();
  expect(await exited).toEqual([0, null]);
});
