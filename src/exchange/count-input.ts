import type { Caller } from '../access/access.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { Provider, TokenCounter } from '../model/ports.ts';
import type { GenerateRequest } from '../model/request.ts';
import type { Routing } from '../routing/routing.ts';
import { promptText } from './prompt-text.ts';
import { refuseForbidden } from './refuse-forbidden.ts';

export interface InputQuestion {
  readonly caller: Caller;
  readonly request: GenerateRequest;
  /** Aborts when the caller leaves. */
  readonly signal: AbortSignal;
}

/**
 * Tokens of the input of a request that is not run, and not charged: to the token where the host that would answer it can say, else its
 * text counted with our tokenizer, which is what a host that never tells its usage is billed by. Throws like the call itself would:
 * `unknown_model`, `invalid_request`, `forbidden`, `no_host`, `model_not_ready`.
 */
export type CountInput = (question: InputQuestion) => Promise<number>;

export interface CountInputOptions {
  readonly catalogue: Catalogue;
  readonly routing: Pick<Routing, 'plan' | 'understood'>;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly counter: TokenCounter;
}

export function createCountInput({ catalogue, routing, providers, counter }: CountInputOptions): CountInput {
  return async ({ caller, request: asked, signal }) => {
    const request = routing.understood(asked);
    const order = catalogue.resolve(request, caller.accountId);
    refuseForbidden(catalogue, caller, order);
    const [attempt] = routing.plan(order, request);
    if (attempt === undefined) throw new RangeError('a plan has at least one attempt');
    const provider = providers.get(attempt.provider);
    const own = provider?.countInput?.({ ...attempt.request, model: attempt.upstreamModel }, signal);
    const tokens = own === undefined ? undefined : await own.catch(unlessTooLong);
    return tokens ?? (await counter.count(promptText(attempt.request), signal));
  };
}

/** Who counts wants to know how much too long it is. */
function unlessTooLong(error: unknown): undefined {
  if (FlashmuxError.is(error) && error.code === 'context_length_exceeded') return undefined;
  throw error;
}
