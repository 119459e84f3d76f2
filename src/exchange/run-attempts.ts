import { setTimeout as pause } from 'node:timers/promises';
import { asFault, FlashmuxError } from '../model/fault.ts';
import type { AnswerEvent, EventBatch } from '../model/event.ts';
import type { Deadlines, Provider } from '../model/ports.ts';
import type { AttemptWatch, HostWatch } from '../routing/live/host-watch.ts';
import type { PlannedAttempt } from '../routing/plan.ts';
import { allFailed } from './all-failed.ts';
import type { AttemptRecord } from './attempt-record.ts';
import type { Call } from './call.ts';
import type { Tally } from './tally.ts';
import { Tries, type RetrySettings } from './tries.ts';

export interface AttemptsOptions {
  readonly call: Call;
  readonly planned: readonly PlannedAttempt[];
  readonly providers: ReadonlyMap<string, Provider>;
  readonly deadlines: Deadlines;
  readonly retries: RetrySettings;
  readonly tally: Tally;
  /** Hears how each attempt went. */
  readonly watch: HostWatch;
  readonly ticks: () => number;
  readonly chance: () => number;
}

/**
 * Runs the planned attempts one after the other until one answers. The next one is tried only while nothing was forwarded: of a stream
 * the opening is kept back until the first part, so that a host that says hello and dies is not noticed; a whole answer is kept back
 * until it is whole.
 */
export class Attempts {
  readonly records: AttemptRecord[] = [];
  readonly #options: AttemptsOptions;
  readonly #tries: Tries;
  /** Ends the attempt that runs; each has its own. */
  #upstream = new AbortController();
  #stream: AsyncIterator<EventBatch> | undefined;
  #reading: Promise<IteratorResult<EventBatch>> | undefined;
  #startedAt = 0;
  #watch: AttemptWatch | undefined;
  #isHeld = false;
  /** Whether the stream that runs has come to its end. */
  #ended = false;
  #forwarded = false;
  /** Whether the attempt that runs has its record yet. */
  #recorded = true;

  constructor(options: AttemptsOptions) {
    this.#options = options;
    const { planned, retries: settings, ticks, chance } = options;
    this.#tries = new Tries({ planned, settings, ticks, chance });
  }

  /** The attempt that answers, or that was tried last. */
  get attempt(): PlannedAttempt {
    return this.#tries.current;
  }

  /** Whether the caller has been given anything of the answer. */
  get forwarded(): boolean {
    return this.#forwarded;
  }

  /** What the host said next; undefined at the end. Rejects with `cancelled` as soon as the caller has left. */
  async next(): Promise<EventBatch | undefined> {
    const { signal, request, isWatched = false } = this.#options.call;
    const isSeen = isWatched || request.delivery.kind === 'stream';
    const kept: AnswerEvent[] = [];
    for (;;) {
      let batch: EventBatch | undefined;
      try {
        batch = await unlessAborted(this.#read(), signal);
      } catch (error) {
        // The stream is kept: once it was told to stop, the host may still say what it used.
        if (signal.aborted) throw error;
        await this.#tryNext(asFault(error));
        kept.length = 0;
        continue;
      }
      if (batch === undefined) this.#record();
      if (this.#forwarded) return batch;
      if (batch !== undefined) kept.push(...batch);
      if (batch === undefined || (isSeen && batch.some(({ kind }) => kind === 'part-start' || kind === 'answer-end'))) {
        this.#forwarded = true;
        return kept.length > 0 ? kept : batch;
      }
    }
  }

  /** Stops the host's work and reads what it still says about its usage, for at most `graceMs`. Never rejects. */
  async cancel(graceMs: number): Promise<void> {
    this.#upstream.abort();
    await this.#readOn(graceMs);
    await this.close();
  }

  /** For hosts that go on and bill after an abort: reads to the end, so that the real usage is known. Never rejects. */
  async drain(capMs: number): Promise<void> {
    await this.#readOn(capMs);
    await this.close();
  }

  /** Lets go of the host. Never rejects. */
  async close(): Promise<void> {
    if (!this.#recorded) this.#record(left());
    this.#letGo();
  }

  #letGo(): void {
    if (!this.#ended) this.#upstream.abort();
    const stream = this.#stream;
    this.#stream = undefined;
    this.#reading = undefined;
    // A generator that still waits inside ends when its own wait ends; nobody needs to wait for that here.
    void Promise.resolve(stream?.return?.()).catch(() => undefined);
  }

  #read(): Promise<IteratorResult<EventBatch>> {
    if (this.#reading !== undefined) return this.#reading;
    this.#stream ??= this.#open();
    const reading = this.#stream.next().then((step) => {
      this.#reading = undefined;
      if (step.done === true) this.#ended = true;
      else this.#see(step.value);
      return step;
    });
    // Nobody may be waiting any more when it fails; whoever still is gets the failure nevertheless.
    reading.catch(() => (this.#reading = undefined));
    this.#reading = reading;
    return reading;
  }

  /** Counted here and not where it is forwarded: what arrives while the caller leaves has been used all the same. */
  #see(batch: EventBatch): void {
    this.#options.tally.see(batch);
    if (this.#options.tally.produced && !this.#isHeld) this.#watch?.firstToken();
  }

  #open(): AsyncIterator<EventBatch> {
    const { call, deadlines, providers, watch, ticks } = this.#options;
    const { provider: name, upstreamModel, request, firstEventMs, ownKey } = this.attempt;
    const provider = providers.get(name);
    if (provider === undefined) throw new FlashmuxError('no_host', `The plan names a provider "${name}" that is not configured.`);
    this.#startedAt = ticks();
    this.#recorded = false;
    this.#ended = false;
    this.#watch = watch.begins(this.attempt);
    this.#isHeld = provider.holds?.(request) === true;
    this.#upstream = new AbortController();
    const attempt = {
      request: { ...request, model: upstreamModel },
      provider: name,
      requestId: call.requestId,
      accountId: call.caller.accountId,
      deadlines: firstEventMs === undefined ? deadlines : { ...deadlines, firstEventMs },
      ...(ownKey === undefined ? {} : { ownKey }),
    };
    return provider.run(attempt, this.#upstream.signal)[Symbol.asyncIterator]();
  }

  /** Goes on to the next try once its time has come. Throws where there is none, or where the caller has seen a word already. */
  async #tryNext(fault: FlashmuxError): Promise<void> {
    this.#record(fault);
    this.#stream = undefined;
    const { call, tally } = this.#options;
    if (this.#forwarded) throw fault;
    const pauseMs = this.#tries.failed(fault);
    if (pauseMs === undefined) throw allFailed(fault, this.records);
    this.#letGo();
    tally.reset();
    if (pauseMs > 0) await pause(pauseMs, undefined, { signal: call.signal }).catch(() => undefined);
    if (call.signal.aborted) throw left();
  }

  #record(fault?: FlashmuxError): void {
    if (this.#recorded) return;
    this.#recorded = true;
    const { provider, upstreamModel, answeringModel } = this.attempt;
    const durationMs = this.#options.ticks() - this.#startedAt;
    this.records.push({ provider, upstreamModel, answeringModel, durationMs, ...(fault === undefined ? {} : { fault }) });
    this.#tellWatch(fault);
  }

  #tellWatch(fault: FlashmuxError | undefined): void {
    const { tally } = this.#options;
    if (fault === undefined) this.#watch?.ended({ kind: 'complete', ...tally.pace });
    else if (fault.code === 'cancelled') this.#watch?.ended({ kind: 'left' });
    else {
      const { code, retryAfterSeconds } = fault;
      const withOwnKey = this.attempt.ownKey !== undefined;
      this.#watch?.ended({ kind: 'fault', code, withOwnKey, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) });
    }
  }

  async #readOn(forMs: number): Promise<void> {
    if (this.#stream === undefined) return;
    const expired = AbortSignal.timeout(forMs);
    try {
      for (;;) {
        const batch = await unlessAborted(this.#read(), expired);
        if (batch === undefined) {
          this.#record();
          return;
        }
      }
    } catch {
      // The host fell silent or failed; what it told until now is what is known.
    }
    this.#record(left());
  }
}

/** The value of a read, or a rejection with `cancelled` once the signal fires, whichever comes first. */
async function unlessAborted(read: Promise<IteratorResult<EventBatch>>, signal: AbortSignal): Promise<EventBatch | undefined> {
  if (signal.aborted) throw left();
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(left());
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const step = await Promise.race([read, promise]);
    return step.done === true ? undefined : step.value;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function left(): FlashmuxError {
  return new FlashmuxError('cancelled', 'The caller left before the answer was complete.');
}
