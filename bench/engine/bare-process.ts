import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { isBareReply, type BareReply, type BareRequest, type BareSettings } from './bare-messages.ts';

/** The yardstick in a process of its own, as the engine's model is. */
export class BareProcess {
  readonly #child: ChildProcess = fork(new URL('bare.ts', import.meta.url), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  #endTokens: readonly number[] = [];

  get endTokens(): readonly number[] {
    return this.#endTokens;
  }

  async load(settings: BareSettings): Promise<void> {
    const reply = await this.#ask({ kind: 'load', settings });
    if (reply.kind === 'loaded') this.#endTokens = reply.endTokens;
  }

  async run(request: Extract<BareRequest, { kind: 'run' }>): Promise<Extract<BareReply, { kind: 'done' }>> {
    const reply = await this.#ask(request);
    if (reply.kind !== 'done') throw new Error('the yardstick gave another answer than asked for');
    return reply;
  }

  close(): void {
    this.#child.disconnect();
  }

  async #ask(request: BareRequest): Promise<BareReply> {
    const replies = once(this.#child, 'message');
    this.#child.send(request);
    const [reply]: unknown[] = await replies;
    if (!isBareReply(reply)) throw new Error('the yardstick gave no answer');
    return reply;
  }
}
