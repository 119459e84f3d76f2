import type { Hold, Ledger, Settlement } from '../ledger/ledger.ts';
import { chargeLines } from '../metering/charge-lines.ts';
import type { Bill, EventBatch, UsageEvent } from '../model/event.ts';
import type { FlashmuxError } from '../model/fault.ts';
import type { Meter, NanoUsd } from '../model/money.ts';
import type { TokenCounter } from '../model/ports.ts';
import type { Usage } from '../model/usage.ts';
import type { Log } from '../telemetry/log.ts';
import { summable } from '../ledger/request-record.ts';
import type { Call } from './call.ts';
import type { CallWatch } from './call-watch.ts';
import type { Drains } from './drains.ts';
import type { AnswerKeeper } from './kept-answer.ts';
import { persist } from './persist.ts';
import type { Attempts } from './run-attempts.ts';
import type { Tally } from './tally.ts';

export interface SettlingOptions {
  readonly ledger: Ledger;
  readonly counter: TokenCounter;
  readonly log: Log;
  readonly call: Pick<Call, 'onBalance' | 'onUsage'>;
  readonly hold: Hold;
  readonly attempts: Attempts;
  readonly tally: Tally;
  readonly watch: CallWatch;
  /** Whether the host that answers stops its work, and its billing, when it is told to. */
  readonly cancellable: () => boolean;
  readonly drains: Drains;
  /** Absent: nobody may ask for the answer again, so it need not be finished for a caller who left. */
  readonly kept?: KeptOptions;
}

export interface KeptOptions {
  readonly keeper: AnswerKeeper;
  /** What the caller got, or would have got, before the first word. */
  readonly opening: () => EventBatch;
  /** How long the answer may run on once its caller has left. */
  readonly runOnMs: number;
}

/** How long a cancelled host may take to tell what it used. */
const cancelGraceMs = 2_000;
/** How long a host that bills the whole answer in any case is read after its caller left. */
const drainCapMs = 60_000;
/** Counting a long answer with our tokenizer, its loading included. */
const countTimeoutMs = 30_000;
/** How long a caller waits for a store that is away, and how long the settlement is tried after that. */
const callerWaitsMs = 10_000;
const triesForMs = 3_600_000;

/** Ends the hold of one request exactly once, whichever way the request ends. */
export class Settling {
  readonly #options: SettlingOptions;
  #fault: FlashmuxError | undefined;
  /** Every word of the answer has come, whatever becomes of its settlement. */
  #isWhole = false;
  #done = false;
  #usageTold = false;

  constructor(options: SettlingOptions) {
    this.#options = options;
  }

  /** The answer is complete: settles it and gives the usage event for the caller. */
  async complete(): Promise<UsageEvent> {
    const { tally } = this.#options;
    if (tally.endedInError && !tally.produced) return await this.#free(callerWaitsMs);
    this.#isWhole = true;
    return await this.#settle('complete', callerWaitsMs);
  }

  failed(fault: FlashmuxError): void {
    this.#fault = fault;
  }

  /**
   * For the `finally` of the line: nothing after `complete`; after a fault or a caller who left, settles what was produced or
   * voids the hold where nothing was. Never rejects, what goes wrong is logged: the hold then expires.
   */
  async end(callerLeft: boolean): Promise<void> {
    const { hold, attempts, tally, log } = this.#options;
    try {
      if (this.#done) return;
      const left = callerLeft || this.#fault === undefined || this.#fault.code === 'cancelled';
      if (left) await this.#finishUnread();
      // Of a failure that nobody saw a word of, nothing is owed, whatever its host said before it.
      if (tally.produced && (left || attempts.forwarded)) {
        await this.#settle(this.#outcome(left), triesForMs);
        return;
      }
      await this.#release(this.#outcome(left), triesForMs);
    } catch (error) {
      log.error({ requestId: hold.requestId, error }, 'a request could not be settled; its hold will expire');
    } finally {
      await attempts.close();
    }
  }

  /** The caller is gone: the host is stopped, or read to the end where that is what somebody pays for or may ask for again. */
  async #finishUnread(): Promise<void> {
    const { attempts, cancellable, drains, kept } = this.#options;
    if (kept !== undefined) await attempts.drain(kept.runOnMs);
    else if (cancellable() || !drains.enter()) await attempts.cancel(cancelGraceMs);
    else await attempts.drain(drainCapMs).finally(() => drains.leave());
  }

  #outcome(left: boolean): Settlement['outcome'] {
    const { kept, tally } = this.#options;
    // A store that was away for too long took nothing from the answer: whoever asks again gets the whole of it.
    if (this.#isWhole) return 'complete';
    if (left && kept !== undefined && tally.ended) return 'complete';
    return left ? 'aborted' : 'failed';
  }

  /** Nothing was said, so nothing is owed, whatever the host did with the prompt. */
  async #release(outcome: Settlement['outcome'], forMs: number): Promise<void> {
    const { ledger, hold, attempts, watch, call } = this.#options;
    const record = { outcome, call: watch.facts(attempts, this.#fault) };
    const { available } = await persist(() => ledger.void(hold, record), forMs);
    this.#done = true;
    call.onBalance?.(available);
  }

  /** The host ended its answer with an error before it said a word: the caller gets what it said of its usage, and no bill. */
  async #free(forMs: number): Promise<UsageEvent> {
    const { counter, attempts, tally } = this.#options;
    const usage = await tally.usage(counter, countTimeoutMs);
    await this.#release('failed', forMs);
    const { id: priceListId } = attempts.attempt.priceList;
    return { kind: 'usage', usage, bill: { lines: [], total: 0n, priceListId } };
  }

  async #settle(outcome: Settlement['outcome'], forMs: number): Promise<UsageEvent> {
    const { ledger, counter, hold, attempts, tally, watch, call, kept, log } = this.#options;
    const usage = await tally.usage(counter, countTimeoutMs);
    this.#tellUsage(usage);
    const bill = chargeLines(usage, attempts.attempt.priceList);
    const facts = watch.facts(attempts, this.#fault);
    // The caller is told what can be charged; the record keeps what was billed, should that ever be more.
    const owed = bill.total > hold.amount ? chargedBill(bill, hold.amount) : bill;
    const told: UsageEvent = { kind: 'usage', usage, bill: owed };
    const result = kept?.keeper.text(kept.opening(), told, outcome === 'failed' ? this.#fault : undefined);
    const settlement = {
      bill,
      usage,
      outcome,
      call: facts,
      tokens: tokensOf(usage, bill),
      ...(result === undefined ? {} : { result }),
    };
    const { charged, balance } = await persist(() => ledger.settle(hold, settlement), forMs);
    this.#done = true;
    call.onBalance?.(balance.available);
    log.info(
      {
        requestId: hold.requestId,
        outcome,
        model: attempts.attempt.answeringModel,
        provider: attempts.attempt.provider,
        attempts: attempts.records.length,
        inputTokens: usage.input.total,
        outputTokens: usage.output.total,
        costNanoUsd: charged.toString(),
      },
      'settled',
    );
    return charged === owed.total ? told : { ...told, bill: chargedBill(owed, charged) };
  }

  /** A settlement that failed is tried again; the tokens were used once. */
  #tellUsage(usage: Usage): void {
    if (this.#usageTold) return;
    this.#usageTold = true;
    this.#options.call.onUsage?.(usage);
  }
}

/** What free tokens may pay for: the lines that count tokens. */
function tokensOf({ input, output }: Usage, { lines }: Bill): { readonly count: number; readonly amount: NanoUsd } {
  const amount = lines.filter(({ meter }) => isTokenMeter(meter)).reduce((sum, line) => sum + line.amount, 0n);
  return { count: (summable(input.total) ?? 0) + (summable(output.total) ?? 0), amount };
}

function isTokenMeter(meter: Meter): boolean {
  return meter !== 'request' && !meter.startsWith('tool:');
}

/** The bill of a request that was charged less than it came to: its last lines are lowered until it adds up. */
export function chargedBill(bill: Bill, charged: NanoUsd): Bill {
  let excess = bill.total - charged;
  const lines = bill.lines.toReversed().map((line) => {
    const off = line.amount < excess ? line.amount : excess;
    excess -= off;
    return { ...line, amount: line.amount - off };
  });
  return { ...bill, total: charged, lines: lines.toReversed() };
}
