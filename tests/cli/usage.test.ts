import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explainFailure } from '../../src/cli/exit-code.ts';
import { createProgram } from '../../src/cli/program.ts';
import { createTerminal } from '../../src/cli/terminal.ts';
import { runFlashmux, type Ended } from './flashmux-process.ts';

let home = '';
beforeAll(() => {
  home = mkdtempSync(path.join(tmpdir(), 'flashmux-usage-'));
});
afterAll(() => rmSync(home, { recursive: true }));

/** The same program without a process of its own: these cases end before anything is opened or listened for. */
async function flashmux(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const terminal = createTerminal({ stdout, stderr, ticks: () => 0 });
  let code = 0;
  try {
    const context = { terminal, environment: { FLASHMUX_HOME: home, ...environment }, stdin: new PassThrough() };
    await createProgram(context).parseAsync(words, { from: 'user' });
  } catch (error) {
    code = explainFailure(error, terminal);
  }
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

function file(name: string, text: string): string {
  const at = path.join(home, name);
  writeFileSync(at, text);
  return at;
}

test('the process ends with the code of the command', async () => {
  const wrong = await runFlashmux(['servee'], { home });
  expect(wrong).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^error: there is no command "servee"/) });
  expect(await runFlashmux(['--help'], { home })).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Usage'),
    stderr: '',
  });
});

describe('used wrongly', () => {
  test.each([
    ['a word that is no command', ['servee'], /there is no command "servee"; there are serve, run, /],
    ['an argument for serve', ['serve', 'me'], /"serve" takes no argument such as "me"/],
    ['an unknown flag', ['models', 'ls', '--loud'], /unknown option '--loud'/],
    ['a missing argument', ['keys', 'revoke'], /missing required argument 'id'/],
    ['a group without its command', ['models'], /ls[^]*show[^]*pull[^]*rm/],
  ])('%s ends with 2 and shows the help', async (_, words, complaint) => {
    const { code, stdout, stderr } = await flashmux(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(complaint);
    expect(stderr).toContain('Usage: flashmux');
  });

  test('a wrong value names where it was said', async () => {
    expect(await flashmux(['--port', 'many'])).toEqual({
      code: 2,
      stdout: '',
      stderr: '--port: server.port: must be a number, not a string\n',
    });
    expect(await flashmux(['config', 'check'], { FLASHMUX_LOG__LEVEL: 'loud' })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^FLASHMUX_LOG__LEVEL: log\.level: /),
    });
  });

  test.each([[['--help']], [['help', 'run']], [['models', 'pull', '--help']], [['--version']]])(
    '%j went well: 0, on standard output',
    async (words) => {
      const { code, stdout, stderr } = await flashmux(words);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).not.toBe('');
    },
  );
});

describe('config', () => {
  test('check names line and column of what is wrong, and ends with 2', async () => {
    const broken = file('broken.yaml', 'server:\n  port: 4400\n  hots: here\nlimits: {max_queued: -1}\n');
    const { code, stderr } = await flashmux(['config', 'check', '-c', broken]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/broken\.yaml:3:3 server\.hots: unknown setting; known here: host, /);
    expect(stderr).toMatch(/broken\.yaml:4:10 limits\.max_queued: /);
  });

  test('a provider that is not complete is told what it lacks', async () => {
    const { stderr } = await flashmux(['config', 'check', '-c', file('half.yaml', 'providers:\n  - name: a\n')]);
    expect(stderr).toMatch(
      /half\.yaml:2:5 providers\.0\.base_url: is missing; an address is expected, or a preset that has one\n/,
    );
    const idle = file('idle.yaml', 'providers:\n  - name: a\n    base_url: http://127.0.0.1:9/v1\n');
    expect((await flashmux(['config', 'check', '-c', idle])).stderr).toMatch(/idle\.yaml:2:5 providers\.0.*models/);
  });

  test('a row of quirks that there is not is refused with those that there are', async () => {
    const odd = file('odd.yaml', 'providers:\n  - {name: a, base_url: "http://h/v1", models: [m], quirks: vlm}\n');
    const { code, stderr } = await flashmux(['config', 'check', '-c', odd]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/odd\.yaml:2:\d+ providers\.0\.quirks: there is no row of quirks "vlm"; there are .*vllm/);
  });

  test('a preset, or a region of it, that there is not is refused with those that there are', async () => {
    const odd = (provider: string): string => file('preset.yaml', `providers:\n  - {name: a, api_key: k, ${provider}}\n`);
    const { code, stderr } = await flashmux(['config', 'check', '-c', odd('preset: ali')]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/preset\.yaml:2:\d+ providers\.0\.preset: there is no preset "ali"; there are alibaba, /);
    const { stderr: told } = await flashmux(['config', 'check', '-c', odd('preset: alibaba, region: eu')]);
    expect(told).toMatch(/preset\.yaml:2:\d+ providers\.0\.region: .* has no region "eu"; it has singapore, us, /);
  });

  test('a key of a known host in the environment makes a provider, and explain says so without showing it', async () => {
    const none = file('none.yaml', '');
    const { stdout } = await flashmux(['config', 'explain', '-c', none], { DASHSCOPE_API_KEY: 'sk-very-secret' });
    expect(stdout).toMatch(/^providers\.0\.name +"alibaba" +environment DASHSCOPE_API_KEY$/m);
    expect(stdout).toMatch(/^providers\.0\.api_key +\(secret, 14 characters\) +environment DASHSCOPE_API_KEY$/m);
    expect(stdout).not.toContain('very-secret');
    const off = file('off.yaml', 'providers_from_env: false\n');
    const { stdout: without } = await flashmux(['config', 'explain', '-c', off], { DASHSCOPE_API_KEY: 'sk-very-secret' });
    expect(without).not.toContain('DASHSCOPE_API_KEY');
  });

  test('explain tells where each value is from, and --json parses', async () => {
    const good = file('good.yaml', 'log:\n  level: warn\n');
    const { stdout } = await flashmux(['config', 'explain', '-c', good, '--json'], { FLASHMUX_ENGINE__PULL: 'false' });
    expect(JSON.parse(stdout)).toEqual(
      expect.arrayContaining([
        { path: 'log.level', shown: '"warn"', source: expect.stringMatching(/good\.yaml:2:3$/) },
        { path: 'engine.pull', shown: 'false', source: 'environment FLASHMUX_ENGINE__PULL' },
        { path: 'server.host', shown: '"127.0.0.1"', source: 'default' },
      ]),
    );
    expect(JSON.parse((await flashmux(['config', 'check', '-c', good, '--json'])).stdout)).toEqual({ ok: true, file: good });
  });

  test('schema is a JSON Schema', async () => {
    expect(JSON.parse((await flashmux(['config', 'schema'])).stdout)).toMatchObject({
      type: 'object',
      properties: { server: { properties: { port: { default: 4400 } } } },
    });
  });
});
