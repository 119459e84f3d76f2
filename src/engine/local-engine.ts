import type { AnswerStream } from '../model/event.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { Clock, TokenCounter } from '../model/ports.ts';
import type { Prompt } from '../model/continuation.ts';
import type { GenerateRequest } from '../model/request.ts';
import type { Log } from '../telemetry/log.ts';
import type { AnswerChannel } from './answer-channel.ts';
import { EngineProcess } from './engine-process.ts';
import type { Engine, EngineFigures, EngineStatus } from './engine.ts';
import { defaultRestarts, RestartPolicy, type RestartOptions } from './restart-policy.ts';
import type { ModelSettings, ReadyModel, Vectors } from './wire.ts';

export interface LocalEngineOptions {
  /** Absent: the engine is `absent` until `load`. */
  readonly modelPath?: string;
  /** Tokens that one answer and its prompt may have together; by default 8,192. Cut to what the model was trained for. */
  readonly contextTokens?: number;
  /** Answers written at the same time; by default 4. Memory grows with contextTokens x parallel. */
  readonly parallel?: number;
  /** By default one fewer than the physical cores: the engine's threads spin, and a busy neighbour on a core slows them all. */
  readonly threads?: number;
  /** Tokens of a prompt that are evaluated at a time; by default 128. An abort takes effect between two such pieces. */
  readonly batchTokens?: number;
  /** By default false, the processor alone. */
  readonly gpu?: 'auto' | false;
  /** Answers that may wait before more are refused with `overloaded`; by default 64. */
  readonly queueLimit?: number;
  /** Memory for saved states, per sequence; by default 128 MiB. */
  readonly checkpointBytes?: number;
  /** Memory for beginnings of prompts that callers mark; by default a sixteenth of what is free, from 64 MiB to 1 GiB. 0: none is kept. */
  readonly pinnedBytes?: number;
  /** A marked beginning of fewer tokens is not kept; by default 64. */
  readonly pinLeastTokens?: number;
  /** How long a request waits for a model that is loading; by default 60,000. */
  readonly readyWithinMs?: number;
  readonly restarts?: Partial<RestartOptions>;
  readonly log: Log;
  readonly clock: Clock;
  readonly newCallId: () => string;
  readonly newSeed: () => number;
}

export interface LocalEngine extends Engine {
  /**
   * Loads another model in place of the present one, whose requests fail with `model_not_ready`. Resolves when it can answer.
   * Throws `model_not_ready` with the reason where the file cannot be used.
   */
  load(modelPath: string): Promise<void>;
  /** Tokens of plain text in the model's own vocabulary. Throws like `run`. */
  countTokens(text: string, signal?: AbortSignal): Promise<number>;
  readonly tokenCounter: TokenCounter;
  /**
   * Vectors of texts, each of length 1. Throws like `run`, `context_length_exceeded` for a text that does not fit, and
   * `unsupported_value` where the model has none.
   */
  embed(inputs: readonly Prompt[], signal: AbortSignal): Promise<Vectors>;
  /** What the loaded model can do; undefined while none is ready. */
  model(): ReadyModel | undefined;
  /** The child's process id, for `doctor` and tests. */
  readonly pid: number | undefined;
}

export function createLocalEngine(options: LocalEngineOptions): LocalEngine {
  return new SupervisedEngine(options);
}

const abortWithinMs = 2000;

type State =
  | { readonly kind: 'absent' }
  | { readonly kind: 'loading'; readonly process: EngineProcess; readonly progress: number }
  | { readonly kind: 'ready'; readonly process: EngineProcess; readonly model: ReadyModel }
  /** The old model is leaving memory, a new one follows. */
  | { readonly kind: 'changing' }
  | { readonly kind: 'restarting'; readonly reason: string; readonly timer: NodeJS.Timeout }
  /** `retryAtMs` on the clock's ticks. */
  | { readonly kind: 'failed'; readonly reason: string; readonly retryAtMs: number }
  | { readonly kind: 'closed' };

class SupervisedEngine implements LocalEngine {
  readonly #options: LocalEngineOptions;
  readonly #log: Log;
  readonly #restartOptions: RestartOptions;
  readonly #policy: RestartPolicy;
  readonly #watchers = new Set<() => void>();
  readonly tokenCounter: TokenCounter = { count: (text, signal) => this.countTokens(text, signal) };
  #modelPath: string | undefined;
  #state: State = { kind: 'absent' };
  #restarts = 0;

  constructor(options: LocalEngineOptions) {
    this.#options = options;
    this.#log = options.log.child({ part: 'engine' });
    this.#restartOptions = { ...defaultRestarts, ...options.restarts };
    this.#policy = new RestartPolicy(this.#restartOptions);
    this.#modelPath = options.modelPath;
    if (options.modelPath !== undefined) this.#start(options.modelPath);
  }

  async *run(request: GenerateRequest, signal: AbortSignal, scope?: string): AnswerStream {
    const process = await this.#readyProcess(signal);
    const { channel, abort } = process.run(request, {
      seed: this.#options.newSeed(),
      callId: this.#options.newCallId(),
      scope,
    });
    let late: NodeJS.Timeout | undefined;
    const stop = (): void => {
      abort();
      // The child tells what was used before it ends; it is not waited for when it is deep inside the model.
      late = setTimeout(() => channel.end(cancelled()), abortWithinMs);
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      yield* batches(channel);
      if (signal.aborted) throw cancelled();
    } finally {
      clearTimeout(late);
      signal.removeEventListener('abort', stop);
      if (!channel.ended) {
        abort();
        channel.end();
      }
    }
  }

  status(): EngineStatus {
    const state = this.#state;
    switch (state.kind) {
      case 'absent':
      case 'closed':
        return { kind: 'absent' };
      case 'changing':
        return { kind: 'loading', progress: 0 };
      case 'loading':
        return { kind: 'loading', progress: state.progress };
      case 'ready': {
        const { contextTokens, parallel, modelName } = state.model;
        return { kind: 'ready', contextTokens, parallel, modelName };
      }
      case 'restarting':
      case 'failed':
        return { kind: state.kind, reason: state.reason };
    }
  }

  model(): ReadyModel | undefined {
    return this.#state.kind === 'ready' ? this.#state.model : undefined;
  }

  get pid(): number | undefined {
    return this.#process()?.pid;
  }

  async figures(): Promise<EngineFigures> {
    const nothing = {
      activeSequences: 0,
      queued: 0,
      tokensEvaluated: 0,
      tokensReused: 0,
      pins: 0,
      pinnedBytes: 0,
      residentBytes: 0,
    };
    const process = this.#process();
    const figures = process === undefined ? nothing : await process.figures().catch(() => nothing);
    return { ...figures, restarts: this.#restarts };
  }

  async countTokens(text: string, signal: AbortSignal = new AbortController().signal): Promise<number> {
    const process = await this.#readyProcess(signal);
    return process.countTokens(text);
  }

  async countInput(request: GenerateRequest, signal: AbortSignal): Promise<number> {
    const process = await this.#readyProcess(signal);
    return process.countInput(request);
  }

  async embed(inputs: readonly Prompt[], signal: AbortSignal): Promise<Vectors> {
    const process = await this.#readyProcess(signal);
    return process.embed(inputs, signal);
  }

  async load(modelPath: string): Promise<void> {
    if (this.#state.kind === 'closed') throw closedFault();
    this.#modelPath = modelPath;
    this.#policy.forget();
    const old = this.#process();
    if (this.#state.kind === 'restarting') clearTimeout(this.#state.timer);
    this.#become({ kind: 'changing' });
    // Two models at once may be more than the memory holds.
    await old?.stop(new FlashmuxError('model_not_ready', 'The engine is changing its model.', { retryAfterSeconds: 5 }));
    // A second `load` may have come meanwhile; the last one wins.
    if (this.#state.kind === 'changing' && this.#modelPath === modelPath) this.#start(modelPath);
    await this.#settled(modelPath);
  }

  async close(): Promise<void> {
    const process = this.#process();
    if (this.#state.kind === 'restarting') clearTimeout(this.#state.timer);
    this.#become({ kind: 'closed' });
    await process?.stop(closedFault());
  }

  #process(): EngineProcess | undefined {
    return this.#state.kind === 'loading' || this.#state.kind === 'ready' ? this.#state.process : undefined;
  }

  #start(modelPath: string): void {
    const process = new EngineProcess(this.#settings(modelPath), this.#log, {
      onLoading: (progress) => {
        if (this.#process() === process) this.#become({ kind: 'loading', process, progress });
      },
      onReady: (model) => {
        if (this.#process() === process) this.#become({ kind: 'ready', process, model });
      },
      onLoadFailed: (reason) => {
        if (this.#process() !== process) return;
        // The file will not get better by trying: only a request after the pause tries again.
        this.#become({ kind: 'failed', reason, retryAtMs: this.#options.clock.ticks() + this.#restartOptions.pauseMs });
        void process.stop(new FlashmuxError('model_not_ready', reason));
      },
      onExit: (how) => {
        if (this.#process() === process) this.#crashed(how, modelPath);
      },
    });
    this.#become({ kind: 'loading', process, progress: 0 });
  }

  #crashed(how: string, modelPath: string): void {
    const reason = `The engine process ${how}.`;
    const decision = this.#policy.crashed(this.#options.clock.ticks());
    this.#log.error({ how, decision }, 'engine process ended unexpectedly');
    switch (decision.kind) {
      case 'restart': {
        const timer = setTimeout(() => {
          this.#restarts++;
          this.#start(modelPath);
        }, decision.waitMs);
        this.#become({ kind: 'restarting', reason, timer });
        return;
      }
      case 'pause':
        this.#become({ kind: 'failed', reason, retryAtMs: decision.atMs });
        return;
    }
  }

  #settings(modelPath: string): ModelSettings {
    const options = this.#options;
    return {
      modelPath,
      contextTokens: options.contextTokens ?? 8192,
      parallel: options.parallel ?? 4,
      ...(options.threads === undefined ? {} : { threads: options.threads }),
      batchTokens: options.batchTokens ?? 128,
      gpu: options.gpu ?? false,
      queueLimit: options.queueLimit ?? 64,
      checkpointBytes: options.checkpointBytes ?? 128 * 2 ** 20,
      pins: {
        ...(options.pinnedBytes === undefined ? {} : { bytes: options.pinnedBytes }),
        leastTokens: options.pinLeastTokens ?? 64,
      },
    };
  }

  async #readyProcess(signal: AbortSignal): Promise<EngineProcess> {
    const { clock, readyWithinMs = 60_000 } = this.#options;
    const deadlineMs = clock.ticks() + readyWithinMs;
    for (;;) {
      if (signal.aborted) throw cancelled();
      const state = this.#state;
      switch (state.kind) {
        case 'ready':
          return state.process;
        case 'absent':
          throw new FlashmuxError(
            'model_not_ready',
            'The built-in engine has no model yet. Get one with `flashmux models pull`.',
          );
        case 'closed':
          throw closedFault();
        case 'failed':
          this.#retryOrThrow(state);
          break;
        case 'loading':
        case 'changing':
        case 'restarting':
          await this.#change(deadlineMs - clock.ticks(), signal);
          break;
      }
    }
  }

  #retryOrThrow(failed: Extract<State, { kind: 'failed' }>): void {
    const waitMs = failed.retryAtMs - this.#options.clock.ticks();
    if (waitMs > 0 || this.#modelPath === undefined) {
      throw new FlashmuxError('model_not_ready', failed.reason, { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) });
    }
    this.#restarts++;
    this.#start(this.#modelPath);
  }

  /** Resolves at the next change of state or when the signal comes. Throws `model_not_ready` after `withinMs`. */
  async #change(withinMs: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const late = (): void =>
      reject(new FlashmuxError('model_not_ready', 'The model is still loading.', { retryAfterSeconds: 5 }));
    const timer = setTimeout(late, Math.max(0, withinMs));
    const wake = (): void => resolve();
    this.#watchers.add(wake);
    signal.addEventListener('abort', wake, { once: true });
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#watchers.delete(wake);
      signal.removeEventListener('abort', wake);
    }
  }

  /** Resolves when the model is ready. */
  async #settled(modelPath: string): Promise<void> {
    const never = new AbortController().signal;
    for (;;) {
      const state = this.#state;
      if (this.#modelPath !== modelPath) throw new FlashmuxError('model_not_ready', 'Another model was chosen meanwhile.');
      if (state.kind === 'ready') return;
      if (state.kind === 'failed') throw new FlashmuxError('model_not_ready', state.reason);
      if (state.kind === 'closed') throw closedFault();
      await this.#change(longestLoadMs, never);
    }
  }

  #become(state: State): void {
    this.#state = state;
    for (const wake of this.#watchers) wake();
  }
}

/** Between two signs of progress, from a slow disk. */
const longestLoadMs = 600_000;

async function* batches(channel: AnswerChannel): AnswerStream {
  for (let batch = await channel.take(); batch !== undefined; batch = await channel.take()) yield batch;
}

function cancelled(): FlashmuxError {
  return new FlashmuxError('cancelled', 'The request was cancelled.');
}

function closedFault(): FlashmuxError {
  return new FlashmuxError('shutting_down', 'The server is shutting down.');
}
