import { setTimeout as pause } from 'node:timers/promises';
import { asFault, FlashmuxError } from '../model/fault.ts';
import type { AnswerEvent, EventBatch } from '../model/event.ts';
import type { Deadlines, Provider } from '../model/ports.ts';
import type { AttemptWatch, HostWatch } from '../routing/live/host-watch.ts';
import type { PlannedAttempt } from '../routing/plan.ts';
import { allFailed } from './all-failed.ts';
import { AnswerReading } from './answer-reading.ts';
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
  #reading: AnswerReading | undefined;
  #startedAt = 0;
  #watch: AttemptWatch | undefined;
  #isHeld = false;
  #forwarded = false;
  /** Whether the attempt that runs has its record yet. */
  #recorded = true;

  constructor(options: AttemptsOptions) {
    this.#options = options;
    const { planned, retries: settings, ticks, chance } = options;
    this.#tries = new Tries({ planned, settings, ticks, chance });
    options.call.signal.addEventListener('abort', this.#onLeft);
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
    const { signal } = this.#options.call;
    while (!this.#forwarded) {
      const opening = await this.#readOpening();
      if (opening !== undefined) return opening.batch;
    }
    if (signal.aborted) throw callerLeft;
    try {
      const batch = await this.#read();
      if (batch === undefined) this.#record();
      return batch;
    } catch (error) {
      // The stream is kept: once it was told to stop, the host may still say what it used.
      if (signal.aborted) throw error;
      const fault = asFault(error);
      this.#record(fault);
      throw fault;
    }
  }

  /** What the caller sees first of the attempt that runs; undefined where it failed, and another one is to be read. */
  async #readOpening(): Promise<{ readonly batch: EventBatch | undefined } | undefined> {
    const { signal, request, isWatched = false } = this.#options.call;
    const isSeen = isWatched || request.delivery.kind === 'stream';
    const kept: AnswerEvent[] = [];
    try {
      for (let isKept = true; isKept;) {
        if (signal.aborted) throw callerLeft;
        const batch = await this.#read();
        if (batch === undefined) this.#record();
        else kept.push(...batch);
        isKept = batch !== undefined && !(isSeen && batch.some(({ kind }) => kind === 'part-start' || kind === 'answer-end'));
      }
      this.#forwarded = true;
      return { batch: kept.length > 0 ? kept : undefined };
    } catch (error) {
      // The stream is kept: once it was told to stop, the host may still say what it used.
      if (signal.aborted) throw error;
      await this.#tryNext(asFault(error));
      return undefined;
    }
  }

  /** Stops the host's work and reads what it still says about its usage, for at most `graceMs`. Never rejects. */
  async cancel(graceMs: number): Promise<void> {
    this.#upstream.abort(callerLeft);
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
    this.#options.call.signal.removeEventListener('abort', this.#onLeft);
    if (!this.#recorded) this.#record(callerLeft);
    this.#letGo();
  }

  readonly #onLeft = (): void => this.#reading?.callOff(callerLeft);

  #letGo(): void {
    const reading = this.#reading;
    this.#reading = undefined;
    if (reading?.isOver === true) return;
    this.#upstream.abort(callerLeft);
    reading?.close();
  }

  #read(): Promise<EventBatch | undefined> {
    return (this.#reading ??= new AnswerReading(this.#open(), this.#see)).next();
  }

  /** Counted here and not where it is forwarded: what arrives while the caller leaves has been used all the same. */
  readonly #see = (batch: EventBatch): void => {
    this.#options.tally.see(batch);
    if (this.#options.tally.produced && !this.#isHeld) this.#watch?.firstToken();
  };

  #open(): AsyncIterator<EventBatch> {
    const { call, deadlines, providers, watch, ticks } = this.#options;
    const { provider: name, upstreamModel, request, firstEventMs, ownKey } = this.attempt;
    const provider = providers.get(name);
    if (provider === undefined) throw new FlashmuxError('no_host', `The plan names a provider "${name}" that is not configured.`);
    this.#startedAt = ticks();
    this.#recorded = false;
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

  /** Goes on to the next try once its time has come. Throws where there is none. */
  async #tryNext(fault: FlashmuxError): Promise<void> {
    this.#record(fault);
    const { call, tally } = this.#options;
    const pauseMs = this.#tries.failed(fault);
    if (pauseMs === undefined) throw allFailed(fault, this.records);
    this.#letGo();
    tally.reset();
    if (pauseMs > 0) await pause(pauseMs, undefined, { signal: call.signal }).catch(() => undefined);
    if (call.signal.aborted) throw callerLeft;
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
    const reading = this.#reading;
    if (reading === undefined) return;
    const time = { isUp: false };
    const timer = setTimeout(() => {
      time.isUp = true;
      reading.callOff(callerLeft);
    }, forMs);
    try {
      while (!time.isUp) {
        const batch = await reading.next();
        if (batch !== undefined) continue;
        this.#record();
        return;
      }
    } catch {
      // The host fell silent or failed; what it told until now is what is known.
    } finally {
      clearTimeout(timer);
    }
    this.#record(callerLeft);
  }
}

/** One for all: it is said for each stream that is cut, and the stack of it would tell nobody anything. */
const callerLeft = new FlashmuxError('cancelled', 'The caller left before the answer was complete.');
