import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { tinyModelPath } from '../support/tiny-gguf/tiny-model-path.ts';
import { runFlashmux, startFlashmux, stopFlashmux, temporaryHome, type FlashmuxProcess } from './flashmux-process.ts';
import { pastedCurl } from './pasted-curl.ts';

/** A machine that reaches no source of models, with one upstream: flashmux in front of flashmux. */
let upstream: TestServer;
let place: Awaited<ReturnType<typeof temporaryHome>>;
let server: FlashmuxProcess;
let url = '';
let key = '';

async function ask(model: string, stream = false): Promise<Response> {
  return await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'far away' }] }),
  });
}

beforeAll(async () => {
  upstream = await startTestServer({ settings: { engine: { enabled: false } }, store: 'memory' });
  place = await temporaryHome();
  await writeFile(
    path.join(place.home, 'flashmux.yaml'),
    `providers:
  - name: far
    base_url: ${upstream.url}/v1
    api_key: \${UPSTREAM_KEY}
    models:
      far-echo: scripted/echo
      far-broken: scripted/500
prices:
  unpriced: free
`,
  );
  server = startFlashmux([], { home: place.home, environment: { UPSTREAM_KEY: upstream.key } });
  await server.sees(/Try it:[^]*curl .*\n/);
  url = (await server.sees(/listens on (\S+)/))[1] ?? '';
  key = (await server.sees(/fm_live_\w+/))[0];
});

afterAll(async () => {
  await stopFlashmux(server);
  await place.remove();
  await upstream.stop();
});

test('it starts, says why there is no model and what brings one, and shows a first request that works all the same', async () => {
  expect(server.stdout()).toMatch(/^No local model: .+\n.*: (npm run flashmux --|flashmux) models pull \S+$/m);
  const line =
    server
      .stdout()
      .split('\n')
      .find((text) => text.startsWith('curl ')) ?? '';
  expect(JSON.parse(await pastedCurl(line))).toMatchObject({ object: 'chat.completion', provider: 'far' });
});

test('the built-in model answers 503 model_not_ready, with the command that brings it and when to ask again', async () => {
  const answer = await ask('qwen3.5-flash');
  expect(answer.status).toBe(503);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await answer.json()).toMatchObject({
    error: { code: 'model_not_ready', param: 'model', message: expect.stringMatching(/flashmux models pull \S+/) },
  });
});

test('what the upstream hosts is served, whole and streamed, and its failure is told as its failure', async () => {
  const whole = await (await ask('far-echo')).json();
  expect(whole).toMatchObject({ model: 'far-echo', provider: 'far', choices: [{ message: { content: 'far away' } }] });
  const streamed = await (await ask('far-echo', true)).text();
  expect(streamed).toContain('away');
  expect(streamed.trimEnd().endsWith('data: [DONE]')).toBe(true);
  const broken = await ask('far-broken');
  expect(broken.status).toBe(502);
  expect(await broken.json()).toMatchObject({ error: { code: 'upstream_failed' } });
});

test('it is ready, because the upstream can answer, and says what is missing', async () => {
  const ready = await fetch(`${url}/readyz`);
  expect(ready.status).toBe(200);
  expect(await ready.json()).toMatchObject({
    components: { engine: { ready: false, reason: expect.stringContaining('models pull') }, providers: { ready: true } },
  });
});

test('"run" asks the upstream without starting an engine, and tells its failure with 1', async () => {
  const options = { home: place.home, environment: { UPSTREAM_KEY: upstream.key } };
  expect(await runFlashmux(['run', 'far-echo', 'hello'], options)).toEqual({ code: 0, stdout: 'hello\n', stderr: '' });
  const failed = await runFlashmux(['run', 'qwen3.5-flash', 'hello'], options);
  expect(failed).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^flashmux: .*models pull \S+\n$/) });
});

test('no provider at all: the server starts, is not ready, and logs in words where that is wanted', async () => {
  const bare = await temporaryHome();
  const alone = startFlashmux([], { home: bare.home, environment: { FLASHMUX_LOG__FORMAT: 'text' } });
  try {
    await alone.sees(/No local model: .*\n.*\n/);
    const [, address] = await alone.sees(/listens on (\S+)/);
    expect((await fetch(`${address}/readyz`)).status).toBe(503);
    await alone.sees(/^\d\d:\d\d:\d\d GET {2}\/readyz {2}503 {2}\d+ ms {2}req_\w+$/m);
    expect(alone.stdout()).not.toContain('curl');
  } finally {
    expect(await stopFlashmux(alone)).toMatchObject({ code: 0 });
    await bare.remove();
  }
});

test('a configured model file that is not there: the server says so and stays', async () => {
  const options = { home: place.home, environment: { UPSTREAM_KEY: upstream.key } };
  await stopFlashmux(server);
  server = startFlashmux(['--model', './nowhere.gguf'], options);
  await server.sees(/No local model: engine\.model: there is no file \.\/nowhere\.gguf\.\n/);
  url = (await server.sees(/listens on (\S+)/))[1] ?? '';
  expect((await ask('far-echo')).status).toBe(200);
});

test('a model that is pulled while the server waits is taken up', async () => {
  const bare = await temporaryHome();
  const waiting = startFlashmux([], { home: bare.home, environment: { FLASHMUX_ENGINE__MODEL: 'late' } });
  try {
    await waiting.sees(/No local model: late is not installed/);
    const tiny = await tinyModelPath({ architecture: 'qwen35moe' });
    const late = path.join(bare.home, 'late.gguf');
    await copyFile(tiny, late);
    expect(await runFlashmux(['models', 'pull', late], { home: bare.home })).toMatchObject({ code: 0 });
    await waiting.sees(/Local model: late[^]*curl .*\n/);
    const line =
      waiting
        .stdout()
        .split('\n')
        .find((text) => text.startsWith('curl ')) ?? '';
    expect(JSON.parse(await pastedCurl(line))).toMatchObject({ model: 'late', provider: 'embedded' });
  } finally {
    expect(await stopFlashmux(waiting)).toMatchObject({ code: 0 });
    await bare.remove();
  }
});
