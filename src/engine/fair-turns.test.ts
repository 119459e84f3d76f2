import { expect, test } from 'vitest';
import { tinyEngine, tinyRequest } from '../../tests/support/tiny-gguf/tiny-engine.ts';
import type { TinyModelOptions } from '../../tests/support/tiny-gguf/tiny-model-path.ts';
import { foldStream } from '../model/stream.ts';
import type { LocalEngine } from './local-engine.ts';

const never = new AbortController().signal;
const architectures: readonly TinyModelOptions['architecture'][] = ['qwen35moe', 'llama'];

/** A long answer that tells when it begins and when it ends. */
class Watched {
  readonly begun = Promise.withResolvers<void>();
  ended = false;
  readonly done: Promise<void>;

  constructor(engine: LocalEngine, text: string, signal: AbortSignal) {
    this.done = this.#read(engine, text, signal);
  }

  async #read(engine: LocalEngine, text: string, signal: AbortSignal): Promise<void> {
    try {
      for await (const batch of engine.run(tinyRequest(text, { limits: { completionTokens: 1500 } }), signal)) {
        if (batch.some((event) => event.kind === 'part-start')) this.begun.resolve();
      }
      this.ended = true;
    } catch (error) {
      expect(error).toMatchObject({ code: 'cancelled' });
    }
  }
}

test.each(architectures)(
  'with a %s model an answer on a used sequence begins while others are being written',
  async (architecture) => {
    const engine = await tinyEngine({ architecture });
    try {
      // Every sequence has a past that it has to leave behind.
      await Promise.all(['a', 'b', 'c', 'd'].map((text) => foldStream(engine.run(tinyRequest(text.repeat(200)), never))));
      const leave = new AbortController();
      const running = ['One', 'Two', 'Three'].map((text) => new Watched(engine, text, leave.signal));
      await Promise.all(running.map(({ begun }) => begun.promise));
      const last = new Watched(engine, 'Four', leave.signal);
      await last.begun.promise;
      expect(running.map(({ ended }) => ended)).toEqual([false, false, false]);
      leave.abort();
      await Promise.all([...running, last].map(({ done }) => done));
    } finally {
      await engine.close();
    }
  },
);
