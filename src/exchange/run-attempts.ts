import { asFault, FlashmuxError } from '../model/fault.ts';
import type { AnswerEvent, EventBatch } from '../model/event.ts';
import type { Deadlines, Provider } from '../model/ports.ts';
import type { PlannedAttempt } from '../routing/plan.ts';
import type { Call } from './call.ts';
import type { Tally } from './tally.ts';

/** What happened at one host; all of them go into the request record. */
export interface AttemptRecord {
  readonly provider: string;
  readonly upstreamModel: string;
  readonly answeringModel: string;
  readonly durationMs: number;
  /** Absent: it went well. */
  readonly fault?: FlashmuxError;
}

export interface AttemptsOptions {
  readonly call: Call;
  readonly planned: readonly PlannedAttempt[];
  readonly providers: ReadonlyMap<string, Provider>;
  readonly deadlines: Deadlines;
  readonly tally: Tally;
  readonly ticks: () => number;
}

/**
 * Runs the planned attempts one after the other until one answers. The next one is tried only while nothing was forwarded: the
 * opening of an answer is kept back until its first part, so that a host that says hello and dies is not noticed.
 */
export class Attempts {
  readonly records: AttemptRecord[] = [];
  readonly #options: AttemptsOptions;
  readonly #upstream = new AbortController();
  #stream: AsyncIterator<EventBatch> | undefined;
  #reading: Promise<IteratorResult<EventBatch>> | undefined;
  #current = 0;
  #startedAt = 0;
  #forwarded = false;
  /** Whether the attempt that runs has its record yet. */
  #recorded = true;

  constructor(options: AttemptsOptions) {
    this.#options = options;
  }

  /** The attempt that answers, or that was tried last. */
  get attempt(): PlannedAttempt {
    const attempt = this.#options.planned[this.#current];
    if (attempt === undefined) throw new RangeError('a plan has at least one attempt');
    return attempt;
  }

  /** What the host said next; undefined at the end. Rejects with `cancelled` as soon as the caller has left. */
  async next(): Promise<EventBatch | undefined> {
    const { signal } = this.#options.call;
    const kept: AnswerEvent[] = [];
    for (;;) {
      let batch: EventBatch | undefined;
      try {
        batch = await unlessAborted(this.#read(), signal);
      } catch (error) {
        // The stream is kept: once it was told to stop, the host may still say what it used.
        if (signal.aborted) throw error;
        if (!this.#tryNext(asFault(error))) throw error;
        kept.length = 0;
        continue;
      }
      if (batch === undefined) this.#record();
      if (this.#forwarded) return batch;
      if (batch !== undefined) kept.push(...batch);
      if (batch === undefined || batch.some((event) => event.kind === 'part-start' || event.kind === 'answer-end')) {
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
    this.#upstream.abort();
    const stream = this.#stream;
    this.#stream = undefined;
    // A generator that still waits inside ends when its own wait ends; nobody needs to wait for that here.
    void Promise.resolve(stream?.return?.()).catch(() => undefined);
  }

  #read(): Promise<IteratorResult<EventBatch>> {
    if (this.#reading !== undefined) return this.#reading;
    this.#stream ??= this.#open();
    const reading = this.#stream.next().then((step) => {
      this.#reading = undefined;
      // Counted here and not where it is forwarded: what arrives while the caller leaves has been used all the same.
      if (step.done !== true) this.#options.tally.see(step.value);
      return step;
    });
    // Nobody may be waiting any more when it fails; whoever still is gets the failure nevertheless.
    reading.catch(() => (this.#reading = undefined));
    this.#reading = reading;
    return reading;
  }

  #open(): AsyncIterator<EventBatch> {
    const { call, deadlines, providers, ticks } = this.#options;
    this.#startedAt = ticks();
    this.#recorded = false;
    const { provider: name, upstreamModel, request } = this.attempt;
    const provider = providers.get(name);
    if (provider === undefined) throw new FlashmuxError('no_host', `The plan names a provider "${name}" that is not configured.`);
    const attempt = { request: { ...request, model: upstreamModel }, provider: name, requestId: call.requestId, deadlines };
    return provider.run(attempt, this.#upstream.signal)[Symbol.asyncIterator]();
  }

  /** True where another host is tried now. */
  #tryNext(fault: FlashmuxError): boolean {
    this.#record(fault);
    this.#stream = undefined;
    const { planned, tally } = this.#options;
    if (this.#forwarded || fault.row.retry === 'no' || this.#current + 1 >= planned.length) return false;
    tally.reset();
    this.#current++;
    return true;
  }

  #record(fault?: FlashmuxError): void {
    if (this.#recorded) return;
    this.#recorded = true;
    const { provider, upstreamModel, answeringModel } = this.attempt;
    const durationMs = this.#options.ticks() - this.#startedAt;
    this.records.push({ provider, upstreamModel, answeringModel, durationMs, ...(fault === undefined ? {} : { fault }) });
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
