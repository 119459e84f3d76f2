import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explainFailure } from '../../src/cli/exit-code.ts';
import { createProgram } from '../../src/cli/program.ts';
import type { Terminal } from '../../src/cli/terminal.ts';

let folder = '';
let config = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'flashmux-price-'));
  config = path.join(folder, 'flashmux.yaml');
  writeFileSync(config, `home: ${JSON.stringify(folder)}\nprices:\n  file: ./prices.yaml\n`);
  writeFileSync(
    path.join(folder, 'prices.yaml'),
    `prices:
  - model: qwen-flash
    from: 2027-01-01T00:00:00Z
    rounding: { quantum: "500" }
    tiers:
      - per_million_tokens: { input-text: "0.3", output-text: "0.7" }
  - { model: qwen-flash, from: 2027-02-01T00:00:00Z, free: true }
  - model: qwen-flash
    from: 2027-03-01T00:00:00Z
    rounding: { quantum: "500", per: request }
    converted: { from: CNY, rate: "0.1403", on: 2027-02-26 }
    tiers:
      - per_million_tokens: { input-text: "0.3", output-text: "0.7" }
`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a command in this process, with a configuration that has a price file. */
async function flashmux(...words: readonly string[]): Promise<{ code: number; stdout: readonly string[]; stderr: string }> {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const terminal: Terminal = {
    isInteractive: false,
    out: (line) => stdout.push(line),
    write: (text) => stdout.push(text),
    think: () => undefined,
    say: (line) => stderr.push(line),
    status: () => undefined,
    done: () => undefined,
  };
  let code = 0;
  try {
    const program = createProgram({ terminal, environment: {}, stdin: new PassThrough() });
    await program.parseAsync(['node', 'flashmux', '--config', config, ...words]);
  } catch (error) {
    code = explainFailure(error, terminal);
  }
  return { code, stdout, stderr: stderr.join('\n') };
}

async function quote(...words: readonly string[]): Promise<unknown> {
  const { stdout, stderr } = await flashmux('price', ...words, '--json');
  expect(stderr).toBe('');
  return JSON.parse(stdout[0] ?? '');
}

const today = ['--at', '2026-12-01'];

test('a price is shown with its tier, each line and the total', async () => {
  expect(await flashmux('price', 'qwen-flash', '--in', '300000', '--out', '2000', ...today)).toEqual({
    code: 0,
    stderr: '',
    stdout: [
      'qwen-flash at qwen-flash/singapore@2026-09-23, in force from 2026-09-23',
      'tier 2 of 2: up to 1,000,000 tokens in; it prices the whole request',
      '',
      'meter        quantity  rate                 amount',
      'input-text   300,000   $0.25 for 1,000,000  $0.075',
      'output-text  2,000     $2 for 1,000,000     $0.004',
      'total                                       $0.079',
    ],
  });
});

test('as JSON, every dollar is decimal text', async () => {
  expect(await quote('qwen3-5-flash:variant1', '--in', '128001', '--out', '1000', '--tool', 'web_search=3')).toEqual({
    model: 'qwen3.5-flash:variant1',
    price_list: { id: 'qwen3.5-flash/empiriolabs-china@2026-11-20', from: '2026-11-20' },
    service: 'standard',
    tier: { number: 2, of: 3, max_input_tokens: 256_000 },
    lines: [
      { meter: 'input-text', quantity: 128_001, rate: { usd: '0.115', per: 1_000_000 }, amount_usd: '0.014720115' },
      { meter: 'output-text', quantity: 1000, rate: { usd: '1.147', per: 1_000_000 }, amount_usd: '0.001147' },
      { meter: 'tool:web_search', quantity: 3, rate: { usd: '0.01', per: 1 }, amount_usd: '0.03' },
    ],
    total_usd: '0.045867115',
    total_nano_usd: '45867115',
  });
});

test('--batch prices the request as part of a batch, at the rates that its lines show', async () => {
  const words = ['qwen-flash', '--in', '300000', '--out', '2000', ...today];
  expect((await flashmux('price', ...words, '--batch')).stdout).toEqual([
    'qwen-flash at qwen-flash/singapore@2026-09-23, in force from 2026-09-23',
    'as part of a batch',
    'tier 2 of 2: up to 1,000,000 tokens in; it prices the whole request',
    '',
    'meter        quantity  rate                  amount',
    'input-text   300,000   $0.125 for 1,000,000  $0.0375',
    'output-text  2,000     $1 for 1,000,000      $0.002',
    'total                                        $0.0395',
  ]);
  expect(await quote(...words, '--batch')).toMatchObject({ service: 'batch', total_usd: '0.0395' });
});

test('a list without a price of batches says so', async () => {
  const { stdout } = await flashmux('price', 'qwen3-5-flash', '--seller', 'empiriolabs', '--in', '1', '--batch');
  expect(stdout[1]).toBe('as part of a batch, which this list sells like single requests');
});

test('--seller takes another offer of the model; each --tool is a line', async () => {
  const tools = ['--tool', 'web_search=2', '--tool', 'code_interpreter=1', '--tool', 'web_search=1'];
  expect(await quote('qwen3-5-flash', '--seller', 'empiriolabs', '--in', '127999', '--out', '1000', ...tools)).toMatchObject({
    price_list: { id: 'qwen3.5-flash/empiriolabs@2026-11-20' },
    tier: { number: 1, of: 1, max_input_tokens: null },
    lines: [{}, {}, { meter: 'tool:web_search', quantity: 3 }, { meter: 'tool:code_interpreter', amount_usd: '0.00' }],
    total_usd: '0.05688791',
  });
});

test.each([
  [
    ['qwen-flash', '--cached', '400', '--cache-write', '500'],
    { 'input-text': 100, 'cache-read-explicit': 400, 'cache-write': 500 },
  ],
  [['qwen-flash', '--cached', '400'], { 'input-text': 600, 'cache-read-implicit': 400 }],
  [['qwen-flash', '--cached', '400', '--cache-kind', 'explicit'], { 'input-text': 600, 'cache-read-explicit': 400 }],
  [['qwen3.5-flash', '--out', '50', '--reasoning', '20'], { 'input-text': 1000, 'output-text': 30, reasoning: 20 }],
  [['qwen3.5-flash', '--image', '300', '--video', '200'], { 'input-text': 500, 'input-image': 300, 'input-video': 200 }],
  [['qwen3.5-omni-flash', '--audio', '1000', '--out', '9', '--audio-out', '9'], { 'input-audio': 1000, 'output-audio': 9 }],
])('%j of 1,000 tokens in are metered apart', async (words, expected) => {
  const priced = await quote(...words, '--in', '1000', ...today);
  const lines = Object.entries(expected).map(([meter, quantity]) => ({ meter, quantity }));
  expect(priced).toMatchObject({ lines: expect.arrayContaining(lines.map((line) => expect.objectContaining(line))) });
  expect(priced).toHaveProperty('lines.length', lines.length);
});

describe("the operator's price file", () => {
  test.each([
    ['2026-12-31T23:59:59Z', 'qwen-flash/singapore@2026-09-23', '0.00000045'],
    ['2027-01-01T00:00:00Z', 'qwen-flash/operator@2027-01-01T00:00:00Z', '0.0000015'],
    ['2027-02-01T00:00:00Z', 'qwen-flash/operator@2027-02-01T00:00:00Z', '0.00'],
    // 300 and 700 nano-dollars: two credits of 500 where the sum is rounded, three where each line is.
    ['2027-03-01T00:00:00Z', 'qwen-flash/operator@2027-03-01T00:00:00Z', '0.000001'],
  ])('at %s the list is %s', async (at, id, total) => {
    expect(await quote('qwen-flash', '--in', '1', '--out', '1', '--at', at)).toMatchObject({
      price_list: { id },
      total_usd: total,
    });
  });

  test('may say what its dollars were converted from, and the quote shows it', async () => {
    const then = ['qwen-flash', '--in', '1', '--at', '2027-03-01'];
    expect((await flashmux('price', ...then)).stdout[1]).toBe('converted from CNY at $0.1403 for one, the rate of 2027-02-26');
    expect(await quote(...then)).toMatchObject({
      price_list: { converted: { from: 'CNY', rate: '0.1403', on: '2027-02-26' } },
    });
  });

  test('is checked by "config check", which names line and column', async () => {
    expect(await flashmux('config', 'check')).toMatchObject({ code: 0, stderr: '' });
    const wrong = path.join(folder, 'wrong.yaml');
    writeFileSync(path.join(folder, 'wrong-prices.yaml'), 'prices:\n  - { model: qwen-flash, from: soon, free: true }\n');
    writeFileSync(wrong, 'prices:\n  file: wrong-prices.yaml\n');
    const { code, stderr } = await flashmux('--config', wrong, 'config', 'check');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/wrong-prices\.yaml:2:26 prices\.0\.from: must be a time/),
    });
  });

  test('of docs/prices.md is right, and marks up as it says', async () => {
    const page = readFileSync(new URL('../../docs/prices.md', import.meta.url), 'utf8');
    const example = /```yaml\n(.*?)```/s.exec(page)?.[1] ?? '';
    const documented = path.join(folder, 'documented.yaml');
    writeFileSync(path.join(folder, 'documented-prices.yaml'), example);
    writeFileSync(documented, `home: ${JSON.stringify(folder)}\nprices:\n  file: documented-prices.yaml\n`);
    expect(await flashmux('--config', documented, 'config', 'check')).toMatchObject({ code: 0, stderr: '' });
    const inputPrice = async (...words: readonly string[]): Promise<string | undefined> => {
      const { stdout } = await flashmux('--config', documented, 'price', ...words, '--in', '1000000', '--json');
      return /"amount_usd":"([^"]+)"/.exec(stdout.join(''))?.[1];
    };
    expect(await inputPrice('qwen-flash', ...today)).toBe('0.05625');
    expect(await inputPrice('qwen-flash', '--account', 'acme', ...today)).toBe('0.045');
    expect(await inputPrice('qwen3.5-flash', '--at', '2027-02-28T22:59:59Z')).toBe('0.26');
    expect(await inputPrice('qwen3.5-flash', '--at', '2027-02-28T23:00:00Z')).toBe('0.13');
    expect(await inputPrice('qwen3.5-flash', '--at', '2027-02-28T23:00:00Z', '--batch')).toBe('0.065');
    expect(await inputPrice('qwen3.5-flash', ...today, '--cached', '1000000')).toBe('0.026');
    expect(await inputPrice('qwen3.6-flash', ...today)).toBe('0.00');
  });

  test('has a JSON Schema', async () => {
    const { stdout } = await flashmux('config', 'schema', '--prices');
    expect(JSON.parse(stdout.join('\n'))).toMatchObject({ properties: { prices: { type: 'array' } } });
  });
});

test.each([
  ['an unknown model', ['qwen-flahs', '--in', '1'], 1, /No model "qwen-flahs"\. Did you mean "qwen-flash"/],
  ['an unknown tool', ['qwen3.5-flash', '--in', '1', '--tool', 'x=1'], 1, /no tool "x"; it has web_search, /],
  ['a tool of a model without tools', ['qwen-flash', '--in', '1', '--tool', 'web_search=1'], 1, /it has no prices of tools/],
  ['an unknown offer', ['qwen-flash', '--in', '1', '--seller', 'x'], 1, /no offer "x"\. There are singapore, beijing\./],
  ['an offer of a variant', ['qwen3.5-flash:variant1', '--in', '1', '--seller', 'alibaba'], 1, /sold at one price/],
  ['a medium that the model does not take', ['qwen-flash', '--in', '1', '--image', '1'], 1, /no image input; its input is text/],
  ['speech of a model that is silent', ['qwen-flash', '--in', '1', '--out', '1', '--audio-out', '1'], 1, /no audio output/],
  ['an unknown meter', ['qwen-flash', '--in', '1', '--smell', '1'], 2, /unknown option '--smell'/],
  [
    'more cached than there is',
    ['qwen-flash', '--in', '5', '--cached', '3', '--cache-write', '3'],
    1,
    /together 6, but --in is 5/,
  ],
  ['more thought than there is', ['qwen-flash', '--in', '5', '--reasoning', '1'], 1, /together 1, but --out is 0/],
  ['no count', ['qwen-flash', '--in', '1.5'], 2, /whole number from 0/],
  ['a tool without a count', ['qwen-flash', '--in', '1', '--tool', 'web_search'], 2, /web_search=3/],
  ['no input at all', ['qwen-flash'], 2, /--in <n>/],
  ['no time', ['qwen-flash', '--in', '1', '--at', 'tomorrow'], 2, /2027-01-01T00:00:00Z/],
])('%s is refused', async (_, words, code, message) => {
  const ended = await flashmux('price', ...words);
  expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: [] });
  expect(ended.stderr).toMatch(message);
});
