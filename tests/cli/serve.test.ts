import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tinyModelPath } from '../support/tiny-gguf/tiny-model-path.ts';
import { runFlashmux, startFlashmux, stopFlashmux, temporaryHome, type FlashmuxProcess } from './flashmux-process.ts';
import { pastedCurl } from './pasted-curl.ts';

/** In the order in which a person meets them: one server, from its first start to its stop, and then a second start. */
let model = '';
let place: Awaited<ReturnType<typeof temporaryHome>>;
let server: FlashmuxProcess;
let url = '';
let key = '';

const marker = 'Quetzalcoatlus-7719';
const environment = { FLASHMUX_SCRIPTED__ENABLED: 'true' };

function here(rest: Readonly<Record<string, string>> = {}): {
  readonly home: string;
  readonly environment: Record<string, string>;
} {
  return { home: place.home, environment: { ...environment, ...rest } };
}

async function post(body: object, withKey = key): Promise<Response> {
  return await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${withKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

beforeAll(async () => {
  model = await tinyModelPath({ architecture: 'qwen35moe' });
  place = await temporaryHome();
  server = startFlashmux(['serve', '--model', model], here());
  await server.sees(/Try it:[^]*curl .*\n/);
  url = (await server.sees(/listens on (\S+)/))[1] ?? '';
  key = (await server.sees(/fm_live_\w+/))[0];
});

afterAll(async () => {
  await stopFlashmux(server);
  await place.remove();
});

describe('a first start', () => {
  test('prints both addresses, the model and a key, the key once by itself and once in the curl line, and nothing of it in the log', () => {
    const lines = server.stdout().split('\n');
    expect(lines[0]).toMatch(/^flashmux \d+\.\d+\.\d+ listens on http:\/\/127\.0\.0\.1:\d+$/);
    expect(lines[1]).toMatch(/^Admin API: http:\/\/127\.0\.0\.1:\d+\/admin\/v1$/);
    expect(lines[2]).toBe(`API key, shown only now: ${key}`);
    expect(lines[3]).toMatch(/^Local model: tiny-/);
    expect(server.stdout().split(key)).toHaveLength(3);
    expect(server.stderr()).toBe('');
  });

  test('the printed curl line, pasted into a shell, is answered by the real model', async () => {
    const line =
      server
        .stdout()
        .split('\n')
        .find((text) => text.startsWith('curl ')) ?? '';
    const answer = JSON.parse(await pastedCurl(line));
    expect(answer).toMatchObject({
      object: 'chat.completion',
      provider: 'embedded',
      choices: [{ message: { role: 'assistant' } }],
    });
    expect(answer.usage.completion_tokens).toBeGreaterThan(0);
    expect(answer.notices).toMatchObject([{ code: 'stand-in' }]);
  });

  test('it is alive and ready', async () => {
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({ status: 'ready', components: { engine: { ready: true } } });
  });
});

describe('beside a running server', () => {
  test('a second one on the same data folder is refused, with the reason and the way out', async () => {
    const second = await runFlashmux([], here());
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toMatch(/^flashmux: .*in use by another flashmux server \(process \d+.*another data folder\.\n$/);
  });

  test('a taken port is refused by its number, and no key is lost', async () => {
    const other = await temporaryHome();
    try {
      const refused = await runFlashmux(['--port', new URL(url).port], { home: other.home });
      expect(refused).toMatchObject({ code: 1, stdout: '' });
      expect(refused.stderr).toBe(
        `flashmux: Port ${new URL(url).port} of 127.0.0.1 is taken by another program. Choose one with --port, or 0 for a free one.\n`,
      );
      const keys = await runFlashmux(['keys', 'ls', '--json'], { home: other.home });
      expect(JSON.parse(keys.stdout)).toEqual([]);
    } finally {
      await other.remove();
    }
  });

  test('a new key works at once, and is refused within about a second after it was revoked', async () => {
    const made = JSON.parse((await runFlashmux(['keys', 'create', '--name', 'guest', '--json'], here())).stdout);
    const greeting = { model: 'scripted/hello', messages: [{ role: 'user', content: 'hi' }] };
    expect((await post(greeting, made.key)).status).toBe(200);
    expect((await runFlashmux(['keys', 'revoke', made.id], here())).stdout).toBe(`revoked ${made.id}\n`);
    let status = 200;
    for (let round = 0; round < 50 && status === 200; round++) {
      await pause(100);
      status = (await post(greeting, made.key)).status;
    }
    expect(status).toBe(401);
    expect((await post(greeting)).status).toBe(200);
  });

  test('"run" asks through it, and leaves no key in force', async () => {
    const beside = here({ FLASHMUX_SERVER__PORT: new URL(url).port });
    const said = await runFlashmux(['run', 'scripted/echo', 'said as an argument'], { ...beside, stdin: 'and piped' });
    expect(said).toEqual({ code: 0, stdout: 'said as an argument\n\nand piped\n', stderr: '' });
    expect(await runFlashmux(['run', 'scripted/echo', '--think', 'Why?'], beside)).toMatchObject({ stdout: 'Why?\n' });
    expect(server.stderr()).toContain('"model":"scripted/echo"');
    const keys: readonly { name: string }[] = JSON.parse((await runFlashmux(['keys', 'ls', '--json'], here())).stdout);
    expect(keys.map(({ name }) => name)).toEqual(['first']);
    const all: readonly { name: string }[] = JSON.parse((await runFlashmux(['keys', 'ls', '--all', '--json'], here())).stdout);
    expect(all.map(({ name }) => name)).toContain('flashmux run');
  });
});

test('a reader that goes away ends "run" quietly, with its key revoked', async () => {
  const beside = here({ FLASHMUX_SERVER__PORT: new URL(url).port });
  const left = startFlashmux(['run', 'scripted/slow-tokens', 'x'], beside);
  await left.sees(/\w/);
  left.child.stdout?.destroy();
  expect(await left.ended).toMatchObject({ code: 0, stderr: '' });
  const keys: readonly { name: string }[] = JSON.parse((await runFlashmux(['keys', 'ls', '--json'], here())).stdout);
  expect(keys.map(({ name }) => name)).toEqual(['first']);
});

test('the log has one line for each request with its id, and neither the prompt nor the answer nor the key', async () => {
  const ids: string[] = [];
  for (const body of [
    { model: 'scripted/echo', messages: [{ role: 'user', content: marker }] },
    { model: 'qwen3.5-flash', max_tokens: 3, messages: [{ role: 'user', content: marker }] },
    { model: 'scripted/500', messages: [{ role: 'user', content: marker }] },
    { model: 'nobody', messages: marker },
  ]) {
    const answer = await post(body);
    await answer.text();
    ids.push(answer.headers.get('x-request-id') ?? '');
  }
  await server.sees(new RegExp(`${ids[3]}.*"msg":"request"`));
  const records = server
    .stderr()
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Record<string, unknown> => JSON.parse(line));
  const requests = records.filter(({ msg }) => msg === 'request');
  for (const id of ids) expect(requests.filter(({ requestId }) => requestId === id)).toHaveLength(1);
  expect(server.stdout() + server.stderr()).not.toContain(marker);
  expect(server.stderr()).not.toContain(key);
});

test('SIGTERM in the middle of a stream lets it come to its end, refuses what is new, and ends with 0', async () => {
  const slowly = { model: 'scripted/slow-tokens', messages: [{ role: 'user', content: 'x' }] };
  const whole = JSON.parse(await (await post(slowly)).text());
  const answer = await post({ model: 'scripted/slow-tokens', stream: true, messages: [{ role: 'user', content: 'x' }] });
  const said = { text: '', done: false, signalled: false };
  const decoder = new TextDecoder();
  let wire = '';
  for await (const chunk of answer.body ?? []) {
    wire += decoder.decode(chunk, { stream: true });
    if (said.signalled) continue;
    said.signalled = true;
    server.child.kill('SIGTERM');
    await server.sees(/Stopping: 1 running/);
  }
  for (const [, data = ''] of wire.matchAll(/^data: (.*)$/gm)) {
    if (data === '[DONE]') said.done = true;
    else said.text += JSON.parse(data).choices[0]?.delta.content ?? '';
  }
  expect(said).toEqual({ text: whole.choices[0].message.content, done: true, signalled: true });
  expect(await server.ended).toMatchObject({ code: 0 });
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
});

test('a second start prints no key but says how to make one; Ctrl-C ends it with 0', async () => {
  const second = startFlashmux(['--model', model], here());
  try {
    await second.sees(/makes another: .*keys create\n/);
    expect(second.stdout()).not.toContain('fm_live_');
    expect(second.stdout()).toContain("'Authorization: Bearer YOUR_KEY'");
    second.child.kill('SIGINT');
    expect(await second.ended).toMatchObject({ code: 0 });
  } finally {
    await stopFlashmux(second);
  }
});

test('Ctrl-C while it starts ends it cleanly, and the next start finds its data whole', async () => {
  const early = startFlashmux(['--model', model], here());
  await early.sees(/listens on/);
  early.child.kill('SIGINT');
  expect(await early.ended).toMatchObject({ code: 0, stderr: expect.stringMatching(/^Stopping/m) });
  const keys = await runFlashmux(['keys', 'ls', '--json'], here());
  expect(JSON.parse(keys.stdout)).toHaveLength(1);
});
