import type { Hold, Ledger, Settlement } from '../ledger/ledger.ts';
import { chargeLines } from '../metering/charge-lines.ts';
import type { UsageEvent } from '../model/event.ts';
import type { FlashmuxError } from '../model/fault.ts';
import type { NanoUsd } from '../model/money.ts';
import type { TokenCounter } from '../model/ports.ts';
import type { Log } from '../telemetry/log.ts';
import type { CallWatch } from './call-watch.ts';
import type { Attempts } from './run-attempts.ts';
import type { Tally } from './tally.ts';

export interface SettlingOptions {
  readonly ledger: Ledger;
  readonly counter: TokenCounter;
  readonly log: Log;
  readonly hold: Hold;
  readonly attempts: Attempts;
  readonly tally: Tally;
  readonly watch: CallWatch;
  /** Told what the account can still spend once the request has ended. */
  readonly onBalance: (available: NanoUsd | null) => void;
  /** Whether the host that answers stops its work, and its billing, when it is told to. */
  readonly cancellable: () => boolean;
}

/** How long a cancelled host may take to tell what it used. */
const cancelGraceMs = 2_000;
/** How long a host that bills the whole answer in any case is read after its caller left. */
const drainCapMs = 60_000;
/** Counting a long answer with our tokenizer, its loading included. */
const countTimeoutMs = 30_000;

/** Ends the hold of one request exactly once, whichever way the request ends. */
export class Settling {
  readonly #options: SettlingOptions;
  #fault: FlashmuxError | undefined;
  #done = false;

  constructor(options: SettlingOptions) {
    this.#options = options;
  }

  /** The answer is complete: settles it and gives the usage event for the caller. */
  async complete(): Promise<UsageEvent> {
    return await this.#settle('complete');
  }

  failed(fault: FlashmuxError): void {
    this.#fault = fault;
  }

  /**
   * For the `finally` of the line: nothing after `complete`; after a fault or a caller who left, settles what was produced or
   * voids the hold where nothing was. Never rejects, what goes wrong is logged: the hold then expires.
   */
  async end(callerLeft: boolean): Promise<void> {
    const { ledger, hold, attempts, tally, watch, cancellable, onBalance, log } = this.#options;
    try {
      if (this.#done) return;
      const left = callerLeft || this.#fault === undefined || this.#fault.code === 'cancelled';
      if (left && cancellable()) await attempts.cancel(cancelGraceMs);
      else if (left) await attempts.drain(drainCapMs);
      const outcome = left ? 'aborted' : 'failed';
      if (tally.produced) {
        await this.#settle(outcome);
        return;
      }
      // Nothing was said, so nothing is owed, whatever the host did with the prompt.
      const { available } = await ledger.void(hold, { outcome, call: watch.facts(attempts, this.#fault) });
      this.#done = true;
      onBalance(available);
    } catch (error) {
      log.error({ requestId: hold.requestId, error }, 'a request could not be settled; its hold will expire');
    } finally {
      await attempts.close();
    }
  }

  async #settle(outcome: Settlement['outcome']): Promise<UsageEvent> {
    const { ledger, counter, hold, attempts, tally, watch, onBalance, log } = this.#options;
    const usage = await tally.usage(counter, AbortSignal.timeout(countTimeoutMs));
    const bill = chargeLines(usage, attempts.attempt.priceList);
    const call = watch.facts(attempts, this.#fault);
    const { available } = await ledger.settle(hold, { bill, usage, outcome, call });
    this.#done = true;
    onBalance(available);
    log.info(
      {
        requestId: hold.requestId,
        outcome,
        model: attempts.attempt.answeringModel,
        provider: attempts.attempt.provider,
        attempts: attempts.records.length,
        inputTokens: usage.input.total,
        outputTokens: usage.output.total,
        costNanoUsd: bill.total.toString(),
      },
      'settled',
    );
    return { kind: 'usage', usage, bill };
  }
}
