import { Worker } from 'node:worker_threads';
import { FlashmuxError } from '../../model/fault.ts';
import type { TokenCounter } from '../../model/ports.ts';

/** What goes to the worker and what comes back. */
export interface CountQuestion {
  readonly id: number;
  readonly text: string;
}
export interface CountAnswer {
  readonly id: number;
  readonly tokens: number;
}

export interface ClosableTokenCounter extends TokenCounter {
  close(): Promise<void>;
}

/**
 * Counts tokens of the Qwen3.5 vocabulary in a worker thread that starts with the first question: loading takes about a second and
 * a text of a million tokens another one, neither of which the event loop may feel. Models with another vocabulary are off by
 * some percent, which is why such counts are marked as estimated.
 */
export function createTokenCounter(): ClosableTokenCounter {
  const waiting = new Map<number, PromiseWithResolvers<number>>();
  let worker: Worker | undefined;
  let lastId = 0;

  const start = (): Worker => {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const started = new Worker(new URL(`./count-worker.${extension}`, import.meta.url));
    started.unref();
    started.on('message', ({ id, tokens }: CountAnswer) => {
      waiting.get(id)?.resolve(tokens);
      waiting.delete(id);
    });
    const failAll = (cause: unknown): void => {
      // A worker that was replaced or closed meanwhile has nobody waiting for it.
      if (worker === started) worker = undefined;
      const fault = new FlashmuxError('internal', 'The token counter stopped.', { cause });
      for (const { reject } of waiting.values()) reject(fault);
      waiting.clear();
    };
    started.on('error', failAll);
    started.on('exit', (code) => failAll(new Error(`the worker ended with code ${code}`)));
    return started;
  };

  return {
    async count(text, signal) {
      if (text === '') return 0;
      signal.throwIfAborted();
      const id = ++lastId;
      const answer = Promise.withResolvers<number>();
      const onAbort = (): void => answer.reject(new FlashmuxError('request_timeout', 'Counting tokens took too long.'));
      signal.addEventListener('abort', onAbort, { once: true });
      waiting.set(id, answer);
      worker ??= start();
      worker.postMessage({ id, text } satisfies CountQuestion);
      try {
        return await answer.promise;
      } finally {
        waiting.delete(id);
        signal.removeEventListener('abort', onAbort);
      }
    },
    async close() {
      const running = worker;
      worker = undefined;
      await running?.terminate();
    },
  };
}
