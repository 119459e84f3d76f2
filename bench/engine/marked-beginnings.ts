import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createLocalEngine } from '../../src/engine/local-engine.ts';
import type { Part } from '../../src/model/part.ts';
import type { InputUsage } from '../../src/model/usage.ts';
import { systemClock } from '../../src/telemetry/clock.ts';
import { newId } from '../../src/telemetry/ids.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { tinyModelPath } from '../../tests/support/tiny-gguf/tiny-model-path.ts';

/**
 * The time to the first token behind a long beginning that other conversations have pushed out of its sequence: with a cache mark on
 * it and without, in turns.
 *
 *   node bench/engine/marked-beginnings.ts [--model file.gguf] [--rounds 5] [--tokens 2000] [--threads 1]
 */

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    tokens: { type: 'string', default: '2000' },
    threads: { type: 'string', default: '1' },
  },
});
const modelPath = values.model === undefined ? await tinyModelPath({ architecture: 'qwen35moe' }) : resolve(values.model);
const rounds = Number(values.rounds);
const tokens = Number(values.tokens);
const tokensAround = 100;

const engine = createLocalEngine({
  modelPath,
  contextTokens: tokens + 4 * tokensAround,
  // One sequence stands for a busy machine: whoever comes next takes it.
  parallel: 1,
  threads: Number(values.threads),
  log: silentLog,
  clock: systemClock,
  newCallId: () => newId('call'),
  newSeed: () => 1,
});

try {
  const document = await textOf(tokens);
  // Short conversations of others, so that the time goes into what is measured.
  const others = await textOf(tokensAround / 2);
  const ask = async (text: string, isMarked: boolean): Promise<{ ms: number; input: InputUsage }> => {
    const part: Part = { kind: 'text', text, ...(isMarked ? { cacheMark: {} } : {}) };
    return firstToken([part]);
  };
  const first = await ask(document, true);
  const { pinnedBytes } = await engine.figures();
  const marked: number[] = [];
  const plain: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const [isMarked, times] of [
      [true, marked],
      [false, plain],
    ] as const) {
      await ask(`${round} ${String(isMarked)} ${others}`, false);
      // Without a mark the text is another one, because what is kept would be read for it too.
      const { ms, input } = await ask(isMarked ? document : `${round} ${document}`, isMarked);
      if ((input.cacheRead ?? 0) > tokensAround !== isMarked) throw new Error('the cache did not do what is measured here');
      times.push(ms);
    }
  }
  const written = first.input.cacheWrite ?? 0;
  console.log(
    `${basename(modelPath)}: ${written} tokens kept, ${pinnedBytes} bytes, ${Math.round(pinnedBytes / written)} a token`,
  );
  console.log(`first token, ms, medians of ${rounds}: ${median(plain)} without a mark, ${median(marked)} with one`);
  console.log(`the request that wrote it: ${Math.round(first.ms)} ms`);
} finally {
  await engine.close();
}

async function firstToken(system: readonly Part[]): Promise<{ ms: number; input: InputUsage }> {
  const from = performance.now();
  let ms: number | undefined;
  let input: InputUsage = {};
  const stream = engine.run(
    {
      model: 'bench',
      turns: [
        { role: 'system', parts: system },
        { role: 'user', parts: [{ kind: 'text', text: 'Why is that so?' }] },
      ],
      tools: [],
      sampling: { temperature: 0 },
      limits: { completionTokens: 1 },
      thinking: { kind: 'off' },
      form: { kind: 'unsaid' },
      delivery: { kind: 'stream' },
    },
    new AbortController().signal,
  );
  for await (const batch of stream) {
    for (const event of batch) {
      if (event.kind === 'part-delta' || event.kind === 'answer-end') ms ??= performance.now() - from;
      if (event.kind === 'usage') input = event.usage.input;
    }
  }
  return { ms: ms ?? performance.now() - from, input };
}

async function textOf(count: number): Promise<string> {
  const sentence = 'The keeper of the lighthouse found a map of a city that nobody has ever seen. ';
  const each = await engine.countTokens(sentence);
  return sentence.repeat(Math.ceil(count / each)).trim();
}

function median(numbers: readonly number[]): number {
  return Math.round(numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? Number.NaN);
}
