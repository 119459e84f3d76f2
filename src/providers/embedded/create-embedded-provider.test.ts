import { describe, expect, it } from 'vitest';
import type { Engine } from '../../engine/engine.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { collect } from '../../model/stream.ts';
import { attemptOf, requestOf } from '../attempt.test-support.ts';
import { createEmbeddedProvider } from './create-embedded-provider.ts';

function engineThat(run: Engine['run']): Engine {
  return {
    run,
    countInput: ({ turns }) => Promise.resolve(turns.length),
    status: () => ({ kind: 'absent' }),
    figures: () => Promise.reject(new Error('not asked here')),
    close: () => Promise.resolve(),
  };
}

describe('the embedded provider', () => {
  it('gives the engine the request as it is and its events back as they are', async () => {
    const request = requestOf('hi');
    let ran: GenerateRequest | undefined;
    const engine = engineThat(async function* (given) {
      ran = given;
      yield [{ kind: 'answer-start', id: 'x' }];
    });
    const provider = createEmbeddedProvider({ engine });
    expect(await collect(provider.run(attemptOf(request), new AbortController().signal))).toEqual([
      { kind: 'answer-start', id: 'x' },
    ]);
    expect(ran).toBe(request);
    expect(provider).toMatchObject({ name: 'embedded', cancellable: true });
  });

  it('passes an abort to the engine and its last usage to the reader', async () => {
    const controller = new AbortController();
    const engine = engineThat(async function* (_, signal) {
      yield [{ kind: 'answer-start' }];
      controller.abort();
      yield [{ kind: 'usage', usage: { input: {}, output: { total: signal.aborted ? 1 : 0 }, toolCalls: {} } }];
    });
    const events = await collect(createEmbeddedProvider({ engine }).run(attemptOf(requestOf('hi')), controller.signal));
    expect(events.at(-1)).toMatchObject({ kind: 'usage', usage: { output: { total: 1 } } });
  });

  it("the count of an input is the engine's own", async () => {
    const engine = engineThat(async function* () {
      yield [{ kind: 'answer-start' }];
    });
    const counted = createEmbeddedProvider({ engine }).countInput?.(requestOf('hi'), new AbortController().signal);
    expect(await counted).toBe(1);
  });

  it('an engine that falls silent is an upstream_timeout', async () => {
    const engine = engineThat(async function* (_, signal) {
      yield [{ kind: 'answer-start' }];
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    });
    const stream = createEmbeddedProvider({ engine }).run(
      attemptOf(requestOf('hi'), { idleMs: 20 }),
      new AbortController().signal,
    );
    await expect(collect(stream)).rejects.toMatchObject({ code: 'upstream_timeout' });
  });
});
