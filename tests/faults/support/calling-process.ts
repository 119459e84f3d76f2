import { setTimeout as pause } from 'node:timers/promises';
import { ask } from './ask.ts';

// A process of callers: asks so many dime calls at once and writes a line for each as soon as it knows how it ended: the fault,
// or `complete` and what it was told to cost. Who is told that the server is busy asks again. Arguments: address, key, first
// number, count.

const [, , url = '', key = '', first = '', count = ''] = process.argv;

async function call(number: number): Promise<void> {
  const reply = await ask({ url, key, model: 'dime', plan: { number, words: 2, pauseMs: 0, waitsAfter: 1 } });
  if ('code' in reply && reply.code === 'overloaded') {
    await pause(200);
    await call(number);
    return;
  }
  const told = 'code' in reply ? reply.code : reply.kind === 'complete' ? `complete ${reply.costUsd}` : reply.kind;
  process.stdout.write(`${told}\n`);
}

await Promise.all(Array.from({ length: Number(count) }, (_, index) => call(Number(first) + index)));
