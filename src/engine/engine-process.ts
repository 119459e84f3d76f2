import { fork, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { FlashmuxError } from '../model/fault.ts';
import type { Prompt } from '../model/continuation.ts';
import type { GenerateRequest } from '../model/request.ts';
import type { Log } from '../telemetry/log.ts';
import { AnswerChannel } from './answer-channel.ts';
import {
  isChildMessage,
  type ChildFigures,
  type ChildMessage,
  type ModelSettings,
  type ParentMessage,
  type ReadyModel,
  type Vectors,
  type WireFault,
} from './wire.ts';

export interface ProcessEvents {
  onLoading(progress: number): void;
  onReady(model: ReadyModel): void;
  /** The model cannot be loaded. The process still runs. */
  onLoadFailed(reason: string): void;
  /** Once, however it ended. `how` is a phrase such as "was killed by SIGKILL". */
  onExit(how: string): void;
}

export type RunOptions = Pick<Extract<ParentMessage, { kind: 'run' }>, 'seed' | 'callId' | 'scope'>;

interface Question<Reply> {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (fault: FlashmuxError) => void;
}

/** After this the child is killed: it may be inside a long pass through the model. */
const stopWithinMs = 2000;

/** One life of the child process, from fork to exit. */
export class EngineProcess {
  readonly #child: ChildProcess;
  readonly #log: Log;
  readonly #events: ProcessEvents;
  readonly #channels = new Map<number, AnswerChannel>();
  readonly #figures = new Map<number, Question<ChildFigures>>();
  readonly #counts = new Map<number, Question<number>>();
  readonly #vectors = new Map<number, Question<Vectors>>();
  readonly #exited = Promise.withResolvers<void>();
  #lastId = 0;
  #stopFault: FlashmuxError | undefined;
  #gone = false;

  constructor(settings: ModelSettings, log: Log, events: ProcessEvents) {
    this.#log = log;
    this.#events = events;
    // In development this file is TypeScript and so is the child's; published, both are JavaScript.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.#child = fork(new URL(`child/main.${extension}`, import.meta.url), {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    this.#child.on('message', (message) => {
      if (isChildMessage(message)) this.#receive(message);
    });
    this.#child.on('error', (error) => this.#end(`could not be run: ${error.message}`));
    this.#child.on('exit', (code, signal) => {
      this.#end(signal === null ? `ended with exit code ${code}` : `was killed by ${signal}`);
    });
    for (const output of [this.#child.stdout, this.#child.stderr]) {
      if (output !== null) createInterface({ input: output }).on('line', (line) => log.warn({ line }, 'engine output'));
    }
    this.#send({ kind: 'load', settings });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  run(request: GenerateRequest, told: RunOptions): { readonly channel: AnswerChannel; readonly abort: () => void } {
    const id = ++this.#lastId;
    const channel = new AnswerChannel((messages) => this.#send({ kind: 'taken', id, messages }));
    this.#channels.set(id, channel);
    this.#send({ kind: 'run', id, request, ...told });
    return { channel, abort: () => this.#send({ kind: 'abort', id }) };
  }

  figures(): Promise<ChildFigures> {
    return this.#ask(this.#figures, (id) => ({ kind: 'figures', id }));
  }

  countTokens(text: string): Promise<number> {
    return this.#ask(this.#counts, (id) => ({ kind: 'count-tokens', id, text }));
  }

  countInput(request: GenerateRequest): Promise<number> {
    return this.#ask(this.#counts, (id) => ({ kind: 'count-input', id, request }));
  }

  /** An abort ends the work before the next input. */
  embed(inputs: readonly Prompt[], signal: AbortSignal): Promise<Vectors> {
    let asked = 0;
    const abort = (): void => this.#send({ kind: 'abort', id: asked });
    signal.addEventListener('abort', abort, { once: true });
    return this.#ask(this.#vectors, (id) => ({ kind: 'embed', id: (asked = id), inputs })).finally(() => {
      signal.removeEventListener('abort', abort);
    });
  }

  /** Ends the process; requests in flight fail with `fault`. Resolves when it is gone. */
  async stop(fault: FlashmuxError): Promise<void> {
    this.#stopFault ??= fault;
    this.#failAll(fault);
    // The child leaves by itself when the channel closes.
    if (this.#child.connected) this.#child.disconnect();
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), stopWithinMs);
    try {
      await this.#exited.promise;
    } finally {
      clearTimeout(kill);
    }
  }

  #ask<Reply>(questions: Map<number, Question<Reply>>, message: (id: number) => ParentMessage): Promise<Reply> {
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    questions.set(id, { resolve, reject });
    this.#send(message(id));
    return promise;
  }

  #send(message: ParentMessage): void {
    if (this.#gone) this.#failAll(new FlashmuxError('engine_crashed', 'The engine process is gone.'));
    // A message that is lost with the channel needs no care of its own: the exit fails whatever waits for its answer.
    else if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #receive(message: ChildMessage): void {
    switch (message.kind) {
      case 'loading':
        this.#events.onLoading(message.progress);
        return;
      case 'ready':
        this.#events.onReady(message.model);
        return;
      case 'load-failed':
        this.#events.onLoadFailed(message.reason);
        return;
      case 'events':
        this.#channels.get(message.id)?.push(message.events);
        return;
      case 'end':
        this.#channels.get(message.id)?.end();
        this.#channels.delete(message.id);
        return;
      case 'fault':
        this.#fail(message.id, message.fault);
        return;
      case 'figures':
        this.#figures.get(message.id)?.resolve(message.figures);
        this.#figures.delete(message.id);
        return;
      case 'token-count':
        this.#counts.get(message.id)?.resolve(message.tokens);
        this.#counts.delete(message.id);
        return;
      case 'vectors':
        this.#vectors.get(message.id)?.resolve(message.vectors);
        this.#vectors.delete(message.id);
        return;
    }
  }

  #fail(id: number, wire: WireFault): void {
    if (wire.stack !== undefined) this.#log.error({ stack: wire.stack }, 'engine fault');
    const fault = new FlashmuxError(wire.code, wire.message, {
      ...(wire.param === undefined ? {} : { param: wire.param }),
      ...(wire.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: wire.retryAfterSeconds }),
    });
    this.#channels.get(id)?.end(fault);
    this.#counts.get(id)?.reject(fault);
    this.#vectors.get(id)?.reject(fault);
    this.#channels.delete(id);
    this.#counts.delete(id);
    this.#vectors.delete(id);
  }

  #end(how: string): void {
    if (this.#gone) return;
    this.#gone = true;
    const crashed = `The engine process ${how} while it worked on this request. It restarts by itself; try again.`;
    this.#failAll(this.#stopFault ?? new FlashmuxError('engine_crashed', crashed, { retryAfterSeconds: 1 }));
    this.#exited.resolve();
    this.#events.onExit(how);
  }

  #failAll(fault: FlashmuxError): void {
    for (const channel of this.#channels.values()) channel.end(fault);
    const questions = [this.#figures, this.#counts, this.#vectors];
    for (const asked of questions) for (const question of asked.values()) question.reject(fault);
    this.#channels.clear();
    for (const asked of questions) asked.clear();
  }
}
