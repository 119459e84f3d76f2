import { copyFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tinyModelPath } from '../support/tiny-gguf/tiny-model-path.ts';
import { runFlashmux, startFlashmux, stopFlashmux, temporaryHome, type Ended } from './flashmux-process.ts';

/** Commands without a server, on one data folder. */
let place: Awaited<ReturnType<typeof temporaryHome>>;
let modelFile = '';
beforeAll(async () => {
  place = await temporaryHome();
  modelFile = path.join(place.home, 'Small-One.gguf');
  await copyFile(await tinyModelPath({ architecture: 'qwen35moe' }), modelFile);
});
afterAll(() => place.remove());

async function flashmux(
  words: readonly string[],
  rest: { stdin?: string; environment?: Record<string, string> } = {},
): Promise<Ended> {
  return await runFlashmux(words, { home: place.home, ...rest });
}

test('keys: made, listed, revoked, and an unknown one refused', async () => {
  const made = await flashmux(['keys', 'create', '--name', 'laptop']);
  expect(made.stdout).toMatch(/^fm_live_\w+\n$/);
  const [listed] = JSON.parse((await flashmux(['keys', 'ls', '--json'])).stdout);
  expect(listed).toMatchObject({ name: 'laptop', revoked_at: null });
  expect((await flashmux(['keys', 'ls'])).stdout).not.toContain(made.stdout.trim());
  expect(JSON.parse((await flashmux(['keys', 'revoke', listed.id, '--json'])).stdout)).toEqual({ id: listed.id, revoked: true });
  expect(await flashmux(['keys', 'revoke', listed.id])).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining(listed.id),
  });
  expect(await flashmux(['keys', 'ls'])).toMatchObject({ stdout: '', stderr: expect.stringContaining('keys create') });
});

test('keys: a rotation prints another secret, lists the end of its overlap, and ends with the key', async () => {
  const made = JSON.parse((await flashmux(['keys', 'create', '--json'])).stdout);
  const rotated = await flashmux(['keys', 'rotate', made.id, '--overlap', '2h']);
  expect(rotated).toMatchObject({ code: 0, stdout: expect.stringMatching(/^fm_live_\w+\n$/) });
  expect(rotated.stdout.trim()).not.toBe(made.key);
  const listed: readonly { id: string }[] = JSON.parse((await flashmux(['keys', 'ls', '--json'])).stdout);
  expect(listed.find(({ id }) => id === made.id)).toMatchObject({ previous_until: expect.stringMatching(/Z$/) });
  expect(await flashmux(['keys', 'rotate', made.id, '--overlap', 'long'])).toMatchObject({ code: 2, stdout: '' });
  await flashmux(['keys', 'revoke', made.id]);
  expect(await flashmux(['keys', 'rotate', made.id])).toMatchObject({ code: 1, stderr: expect.stringContaining(made.id) });
});

test('keys: an expiry, the models and the limits of a key are listed, and a slip in them is refused', async () => {
  const made = await flashmux([
    'keys',
    'create',
    '--expires',
    '2099-01-31',
    '--models',
    'qwen-flash, qwen3.5-flash:variant1,qwen-flash',
    '--rpm',
    '60',
    '--tpm',
    '100000',
    '--concurrency',
    '2',
    '--tools',
    'web_search',
    '--addresses',
    '10.0.0.0/8,203.0.113.7',
    '--budget',
    '5',
    '--budget-period',
    'month',
    '--json',
  ]);
  const { id } = JSON.parse(made.stdout);
  const listed: readonly { id: string }[] = JSON.parse((await flashmux(['keys', 'ls', '--json'])).stdout);
  expect(listed.find((key) => key.id === id)).toMatchObject({
    expires_at: '2099-01-31T00:00:00.000Z',
    models: ['qwen-flash', 'qwen3.5-flash:variant1'],
    tools: ['web_search'],
    addresses: ['10.0.0.0/8', '203.0.113.7'],
    requests_per_minute: 60,
    tokens_per_minute: 100_000,
    concurrency: 2,
    budget: {
      amount_usd: '5.00',
      period: 'month',
      remaining_usd: '5.00',
      resets_at: expect.stringMatching(/-01T00:00:00\.000Z$/),
    },
    last_used_at: null,
  });
  const rows = (await flashmux(['keys', 'ls'])).stdout;
  for (const shown of ['web_search', '10.0.0.0/8,203.0.113.7', '100000', '$5.00/month']) expect(rows).toContain(shown);
  for (const slip of [
    ['--expires', 'soon'],
    ['--expires', '2020-01-01'],
    ['--models', 'a,,b'],
    ['--rpm', '0'],
    ['--concurrency', '1.5'],
    ['--tpm', '-1'],
    ['--tools', ''],
    ['--budget', 'much'],
    ['--budget-period', 'year'],
    ['--budget-period', 'month'],
  ]) {
    const { code, stdout, stderr } = await flashmux(['keys', 'create', ...slip]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(slip[0]);
  }
  for (const [flag, wrong, right] of [
    ['--models', 'qwen3.5-flsh', '"qwen3.5-flash"'],
    ['--tools', 'browser', 'web_search'],
    ['--addresses', '10.1.2.3/8', '10.0.0.0/8'],
    ['--tpm', '1000000001', '1000000000'],
  ] as const) {
    const { code, stdout, stderr } = await flashmux(['keys', 'create', flag, wrong]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(right);
  }
  await flashmux(['keys', 'revoke', id]);
});

test('keys: a change names what changes, the rest stays, and a word takes a limit away', async () => {
  const terms = ['--rpm', '60', '--models', 'qwen-flash', '--budget', '5', '--budget-period', 'week'];
  const made = JSON.parse((await flashmux(['keys', 'create', '--name', 'shared', ...terms, '--json'])).stdout);
  const update = async (...words: readonly string[]): Promise<unknown> => {
    const { code, stdout, stderr } = await flashmux(['keys', 'update', made.id, ...words, '--json']);
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout);
  };
  expect(await update('--rpm', 'none', '--tpm', '500', '--budget', '7')).toMatchObject({
    name: 'shared',
    requests_per_minute: null,
    tokens_per_minute: 500,
    models: ['qwen-flash'],
    budget: { amount_usd: '7.00', period: 'week' },
  });
  expect(
    await update('--models', 'all', '--tools', 'none', '--budget', 'none', '--expires', 'never', '--name', 'desk'),
  ).toMatchObject({
    name: 'desk',
    tokens_per_minute: 500,
    models: null,
    tools: [],
    budget: null,
    expires_at: null,
  });
  expect(await flashmux(['keys', 'update', made.id])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('--rpm'),
  });
  await flashmux(['keys', 'revoke', made.id]);
  expect(await flashmux(['keys', 'update', made.id, '--rpm', '1'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(made.id),
  });
});

describe('models', () => {
  test('a file is pulled, listed, shown, run by its id, and removed', async () => {
    expect(await flashmux(['models', 'pull', modelFile])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^small-one is at /),
    });
    const rows: readonly { id: string; installed: boolean }[] = JSON.parse((await flashmux(['models', 'ls', '--json'])).stdout);
    expect(rows.filter(({ installed }) => installed).map(({ id }) => id)).toEqual(['small-one']);
    expect(rows.map(({ id }) => id)).toContain('qwen3.5-0.8b');
    expect((await flashmux(['models', 'ls'])).stdout).toMatch(/^small-one +yes +\d\.\d MB/m);
    expect(JSON.parse((await flashmux(['models', 'show', 'small-one'])).stdout)).toMatchObject({
      installed: { id: 'small-one' },
    });
    expect(await flashmux(['run', 'small-one', 'Hello', '--max-tokens', '3'])).toMatchObject({ code: 0, stderr: '' });
    expect(await flashmux(['models', 'rm', 'small-one'])).toEqual({ code: 0, stdout: 'removed small-one\n', stderr: '' });
    // The file that it came from is the person's own.
    expect((await readFile(modelFile)).byteLength).toBeGreaterThan(0);
  });

  test('show gives the JSON Schema of the parameters, by any of the ids', async () => {
    expect(JSON.parse((await flashmux(['models', 'show', 'alibaba/qwen3.5-flash'])).stdout)).toMatchObject({
      id: 'qwen3.5-flash',
      parameterSchema: { properties: { temperature: { maximum: 2 } } },
    });
  });

  test.each([['show'], ['rm'], ['pull']])('%s of an unknown id ends with 1 and says what there is', async (command) => {
    const { code, stdout, stderr } = await flashmux(['models', command, 'nobody']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^flashmux: .*(nobody).*(models ls|Known are)/);
  });
});

describe('run with a model file', () => {
  test('streams text to standard output, figures to standard error', async () => {
    const { code, stdout, stderr } = await flashmux(['run', modelFile, 'Hello', '--max-tokens', '5', '-v']);
    expect({ code, lines: stdout.endsWith('\n') }).toEqual({ code: 0, lines: true });
    expect(stderr).toMatch(/^\d+ tokens in, \d+ out, first after [\d.]+ s, [\d.]+ tokens\/s, \$0\n$/);
  });

  test('--schema holds, with the prompt from standard input', async () => {
    const schema = { type: 'object', properties: { city: { const: 'Berlin' } }, required: ['city'], additionalProperties: false };
    await writeFile(path.join(place.home, 'city.json'), JSON.stringify(schema));
    const { stdout } = await flashmux(['run', modelFile, '--schema', 'city.json'], { stdin: 'Which city?' });
    expect(JSON.parse(stdout)).toEqual({ city: 'Berlin' });
  });

  test('--json gives the whole answer as the API gives it', async () => {
    const { stdout } = await flashmux(['run', modelFile, 'Hello', '--json', '--max-tokens', '2']);
    expect(JSON.parse(stdout)).toMatchObject({ object: 'chat.completion', model: 'small-one', usage: { completion_tokens: 2 } });
  });

  test.each([
    ['no prompt', ['run', 'm'], /no prompt/],
    ['an unknown model', ['run', 'nobody', 'x'], /nobody/],
    ['a file that is not there', ['run', './none.gguf', 'x'], /there is no file \.\/none\.gguf/],
    ['a schema that is not there', ['run', 'nobody', 'x', '--schema', 'none.json'], /none\.json cannot be read/],
  ])('%s ends with 1 and a sentence', async (_, words, complaint) => {
    const { code, stdout, stderr } = await flashmux(words);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(complaint);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('Ctrl-C ends it with 130 and without a stack', async () => {
    const running = startFlashmux(['run', 'scripted/stall', 'x'], {
      home: place.home,
      environment: { FLASHMUX_SCRIPTED__ENABLED: 'true' },
    });
    try {
      await running.sees(/Wait/);
      running.child.kill('SIGINT');
      expect(await running.ended).toEqual({ code: 130, stdout: 'Wait\n', stderr: expect.stringMatching(/^flashmux: [^\n]*\n$/) });
    } finally {
      await stopFlashmux(running);
    }
  });
});

describe('doctor', () => {
  const noEngine = { FLASHMUX_ENGINE__ENABLED: 'false' };

  test('ends with 0 where all is there, and names each thing', async () => {
    const { code, stdout } = await flashmux(['doctor', '--json'], { environment: { FLASHMUX_ENGINE__MODEL: modelFile } });
    const findings: readonly { what: string; ok: boolean }[] = JSON.parse(stdout);
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
    expect(findings.map(({ what }) => what)).toEqual(expect.arrayContaining(['Node', 'disk', 'data', 'engine', 'local models']));
    expect(code).toBe(0);
  });

  test('ends with 1 where a provider does not answer', async () => {
    await writeFile(
      path.join(place.home, 'far.yaml'),
      'providers:\n  - name: far\n    base_url: http://127.0.0.1:1/v1\n    models: [m]\n',
    );
    const { code, stdout } = await flashmux(['doctor', '-c', 'far.yaml'], { environment: noEngine });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^MISS provider far: .*nothing listens/m);
  });

  test('looks without making the data folder', async () => {
    const { code, stdout } = await flashmux(['doctor', '--home', 'not-yet'], { environment: noEngine });
    expect({ code, told: stdout.includes('not there yet') }).toEqual({ code: 0, told: true });
    await expect(readFile(path.join(place.home, 'not-yet', 'pepper'))).rejects.toThrow();
  });
});
