import type { CallFacts } from '../ledger/request-record.ts';
import type { EventBatch, FinishReason } from '../model/event.ts';
import type { FlashmuxError } from '../model/fault.ts';
import type { Clock } from '../model/ports.ts';
import type { Call } from './call.ts';
import type { Attempts } from './run-attempts.ts';

/** Watches one call from its beginning, for its record: what the caller got, and when. */
export class CallWatch {
  readonly #call: Call;
  readonly #clock: Clock;
  readonly #createdAt: number;
  readonly #startTicks: number;
  #firstTokenMs: number | undefined;
  #finishReason: FinishReason | undefined;

  constructor(call: Call, clock: Clock) {
    this.#call = call;
    this.#clock = clock;
    this.#createdAt = clock.now();
    this.#startTicks = clock.ticks();
  }

  /** To be told every batch that goes to the caller. */
  forwards(batch: EventBatch): void {
    for (const event of batch) {
      if (event.kind === 'part-start') this.#firstTokenMs ??= this.#elapsedMs();
      if (event.kind === 'answer-end' && event.answer === 0) this.#finishReason = event.reason;
    }
  }

  facts(attempts: Attempts, fault: FlashmuxError | undefined): CallFacts {
    const { answerId, caller, request } = this.#call;
    const { answeringModel, provider, ownKey } = attempts.attempt;
    const { user, tags = [] } = request.attribution ?? {};
    return {
      answerId,
      keyId: caller.keyId,
      namedModel: request.model,
      answeringModel,
      provider,
      attempts: attempts.records.map((record) => ({
        provider: record.provider,
        model: record.upstreamModel,
        durationMs: Math.round(record.durationMs),
        ...(record.fault === undefined ? {} : { fault: record.fault.code }),
      })),
      streamed: request.delivery.kind === 'stream',
      ...(user === undefined ? {} : { endUser: user }),
      ...(tags.length === 0 ? {} : { tags }),
      ...(ownKey === undefined ? {} : { usedOwnKey: true }),
      createdAt: this.#createdAt,
      totalMs: this.#elapsedMs(),
      ...(this.#firstTokenMs === undefined ? {} : { firstTokenMs: this.#firstTokenMs }),
      ...(this.#finishReason === undefined ? {} : { finishReason: this.#finishReason }),
      ...(fault === undefined ? {} : { fault: fault.code }),
    };
  }

  #elapsedMs(): number {
    return Math.round(this.#clock.ticks() - this.#startTicks);
  }
}
