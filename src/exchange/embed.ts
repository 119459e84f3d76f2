import type { Caller } from '../access/access.ts';
import type { Catalogue, ModelEntry, Variant } from '../catalogue/catalogue.ts';
import { unknownModel } from '../catalogue/unknown-model.ts';
import { InsufficientCredits } from '../ledger/insufficient-credits.ts';
import type { Ledger, PlacedHold } from '../ledger/ledger.ts';
import { summable, type AttemptFacts, type CallFacts } from '../ledger/request-record.ts';
import { chargeLines } from '../metering/charge-lines.ts';
import { worstCase, worstFixed } from '../metering/worst-case.ts';
import type { EmbeddingAnswer, EmbeddingRequest } from '../model/embedding.ts';
import type { Bill } from '../model/event.ts';
import { asFault, FlashmuxError } from '../model/fault.ts';
import type { NanoUsd, PriceList } from '../model/money.ts';
import type { Notice } from '../model/notice.ts';
import type { Clock, Deadlines, EmbeddingProvider, TokenCounter } from '../model/ports.ts';
import type { Usage } from '../model/usage.ts';
import type { Host } from '../routing/plan.ts';
import type { Log } from '../telemetry/log.ts';
import type { Admission } from './admission.ts';
import { persist } from './persist.ts';
import { refuseForbidden } from './refuse-forbidden.ts';
import { chargedBill } from './settling.ts';

export interface EmbedOptions {
  readonly catalogue: Catalogue;
  /** Who has vectors of a model, in the order in which they are asked. Throws `no_host` and the like where nobody has. */
  readonly embeddingHosts: (model: ModelEntry, variant: Variant | undefined) => readonly Host[];
  readonly ledger: Ledger;
  readonly providers: ReadonlyMap<string, EmbeddingProvider>;
  readonly admission: Admission;
  readonly counter: TokenCounter;
  readonly deadlines: Deadlines;
  readonly clock: Clock;
  readonly log: Log;
}

export interface EmbedCall {
  readonly requestId: string;
  readonly answerId: string;
  readonly caller: Caller;
  readonly request: EmbeddingRequest;
  readonly signal: AbortSignal;
  readonly onBalance?: (available: NanoUsd | null) => void;
  readonly onUsage?: (usage: Usage) => void;
}

export interface Embedded extends Pick<EmbeddingAnswer, 'vectors'> {
  readonly model: string;
  readonly provider: string;
  readonly usage: Usage;
  readonly bill: Bill;
  readonly notices: readonly Notice[];
}

export type Embed = (call: EmbedCall) => Promise<Embedded>;

/**
 * The line of a call for vectors: the same steps as for an answer, without a stream. The worst case is held, one host after the other
 * is asked, what was used is settled before the caller sees a vector. Nothing is owed for a call that failed or was left.
 */
export function createEmbed(options: EmbedOptions): Embed {
  const { catalogue, embeddingHosts, ledger, admission, deadlines, clock, log } = options;
  return async (call) => {
    const run = new Run(call, options);
    const found = catalogue.find(call.request.model);
    if (found === undefined) {
      throw unknownModel(
        call.request.model,
        catalogue.list().flatMap(({ id, aliases }) => [id, ...aliases]),
      );
    }
    refuseForbidden(catalogue, call.caller, { ...found, request: {} });
    const hosts = embeddingHosts(found.model, found.variant);
    const priceList = catalogue.priceList(found.variant ?? found.model, call.caller.accountId);
    const place = await admission.enter(call.caller.keyId, call.signal, call.caller.maxInFlight);
    try {
      const expiresAt = clock.now() + deadlines.totalMs + holdOutlivesDeadlineMs;
      const hold = await placeHold(call, ledger, { priceList, expiresAt, model: found.model.id });
      call.onBalance?.(hold.balance.available);
      const { answer, host } = await run.ask(hosts).catch(async (error: unknown) => {
        const fault = asFault(error);
        const outcome = call.signal.aborted ? 'aborted' : 'failed';
        const voided = persist(() => ledger.void(hold, { outcome, call: run.facts(hosts.at(-1), fault) }), callerWaitsMs);
        await voided.catch((failure: unknown) => log.error({ requestId: call.requestId, error: failure }, 'a hold will expire'));
        throw error;
      });
      const usage = await run.usage(answer);
      call.onUsage?.(usage);
      const bill = chargeLines(usage, priceList);
      const settlement = { bill, usage, outcome: 'complete' as const, call: run.facts(host), tokens: tokensOf(usage, bill) };
      const { charged, balance } = await persist(() => ledger.settle(hold, settlement), callerWaitsMs);
      call.onBalance?.(balance.available);
      const { vectors, notices } = answer;
      const { model, provider } = host;
      return { model, provider, vectors, usage, bill: charged === bill.total ? bill : chargedBill(bill, charged), notices };
    } finally {
      place.leave();
    }
  };
}

/** How long a caller waits for a store that is away. */
const callerWaitsMs = 10_000;
/** A hold must not expire under a call that runs to its deadline. */
const holdOutlivesDeadlineMs = 120_000;
const countTimeoutMs = 30_000;
/** What a model puts around each text: its marks of beginning and end. */
const tokensAroundInput = 4;

/** One call from host to host, and what is known of it. */
class Run {
  readonly #call: EmbedCall;
  readonly #options: EmbedOptions;
  readonly #createdAt: number;
  readonly #startTicks: number;
  readonly #attempts: AttemptFacts[] = [];

  constructor(call: EmbedCall, options: EmbedOptions) {
    this.#call = call;
    this.#options = options;
    this.#createdAt = options.clock.now();
    this.#startTicks = options.clock.ticks();
  }

  async ask(hosts: readonly Host[]): Promise<{ readonly answer: EmbeddingAnswer; readonly host: Host }> {
    const { clock } = this.#options;
    for (const [index, host] of hosts.entries()) {
      const startTicks = clock.ticks();
      const facts = { provider: host.provider, model: host.upstreamModel };
      const elapsed = (): number => Math.round(clock.ticks() - startTicks);
      try {
        const answer = await this.#askOne(host);
        this.#attempts.push({ ...facts, durationMs: elapsed() });
        return { answer, host };
      } catch (error) {
        const fault = asFault(error);
        this.#attempts.push({ ...facts, durationMs: elapsed(), fault: fault.code });
        const isLast = index + 1 === hosts.length;
        if (isLast || fault.row.retry === 'no' || this.#call.signal.aborted) throw error;
      }
    }
    throw new FlashmuxError('no_host', 'No host has vectors of this model.', { param: 'model' });
  }

  /** A host's own figure, or what the texts come to with our tokenizer. */
  async usage({ inputTokens }: EmbeddingAnswer): Promise<Usage> {
    if (inputTokens !== undefined)
      return { input: { total: inputTokens, text: inputTokens }, output: { total: 0 }, toolCalls: {} };
    const signal = AbortSignal.timeout(countTimeoutMs);
    const counts = this.#call.request.inputs.map(async (input) =>
      input.kind === 'text' ? await this.#options.counter.count(input.text, signal) : input.tokens.length,
    );
    const total = (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    return { input: { total, text: total }, output: { total: 0 }, toolCalls: {}, estimated: true };
  }

  facts(host: Host | undefined, fault?: FlashmuxError): CallFacts {
    const { answerId, caller, request } = this.#call;
    return {
      answerId,
      keyId: caller.keyId,
      namedModel: request.model,
      answeringModel: host?.model ?? request.model,
      provider: host?.provider ?? '',
      attempts: this.#attempts,
      streamed: false,
      createdAt: this.#createdAt,
      totalMs: Math.round(this.#options.clock.ticks() - this.#startTicks),
      ...(fault === undefined ? { finishReason: 'stop' } : { fault: fault.code }),
    };
  }

  async #askOne({ provider: name, upstreamModel }: Host): Promise<EmbeddingAnswer> {
    const { providers, deadlines } = this.#options;
    const provider = providers.get(name);
    if (provider === undefined) throw new FlashmuxError('no_host', `The provider "${name}" has no vectors.`);
    const { request, requestId, signal } = this.#call;
    return await provider.embed({ request: { ...request, model: upstreamModel }, provider: name, requestId, deadlines }, signal);
  }
}

interface HoldTerms {
  readonly priceList: PriceList;
  /** Unix milliseconds. */
  readonly expiresAt: number;
  readonly model: string;
}

async function placeHold(call: EmbedCall, ledger: Ledger, { priceList, expiresAt, model }: HoldTerms): Promise<PlacedHold> {
  const { accountId, budgetId } = call.caller;
  const inputTokens = mostTokens(call.request);
  const bounds = { inputTokens, maxOutputTokens: 0, maxThinkingTokens: 0, toolCaps: {} };
  const amount = worstCase(bounds, priceList);
  const fixed = worstFixed(bounds, priceList);
  try {
    return await ledger.hold({
      requestId: call.requestId,
      accountId,
      amount,
      expiresAt,
      ...(budgetId === undefined ? {} : { budgetId }),
      ...(amount === fixed ? {} : { tokens: { count: inputTokens, amount: amount - fixed, model } }),
    });
  } catch (error) {
    if (!(error instanceof InsufficientCredits)) throw error;
    call.onBalance?.(error.shortage.balance.available);
    throw new InsufficientCredits({ ...error.shortage, wouldFit: 'fewer or shorter inputs' });
  }
}

/** A token of a byte-level vocabulary is at least one byte. */
function mostTokens({ inputs }: EmbeddingRequest): number {
  return inputs.reduce((sum, input) => {
    const own = input.kind === 'text' ? Buffer.byteLength(input.text) : input.tokens.length;
    return sum + own + tokensAroundInput;
  }, 0);
}

function tokensOf({ input }: Usage, { lines }: Bill): { readonly count: number; readonly amount: NanoUsd } {
  const amount = lines.filter(({ meter }) => meter !== 'request').reduce((sum, line) => sum + line.amount, 0n);
  return { count: summable(input.total) ?? 0, amount };
}
