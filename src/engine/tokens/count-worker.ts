import { readFile } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';
import { vocabulary } from '@hypertok/vocab-qwen3-6';
import { fromBytes } from 'hypertok';
import type { CountAnswer, CountQuestion } from './token-counter.ts';

// The library's own loader would go to a CDN when it does not find the package, so the file is read here.
const tokenizer = await fromBytes(await readFile(vocabulary), { tier: 'single' });

parentPort?.on('message', ({ id, text }: CountQuestion) => {
  // Control tokens in a caller's text are text.
  const tokens = tokenizer.encodeSync(text, { reserved: { match: [] } }).length;
  parentPort?.postMessage({ id, tokens } satisfies CountAnswer);
});
