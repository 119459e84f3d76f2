import type { Order } from '../catalogue/catalogue.ts';
import { InsufficientCredits } from '../ledger/insufficient-credits.ts';
import type { AnsweredBefore, HoldWish, Ledger, PlacedHold } from '../ledger/ledger.ts';
import type { NanoUsd } from '../model/money.ts';
import type { Notice } from '../model/notice.ts';
import type { GenerateRequest } from '../model/request.ts';
import type { PlannedAttempt } from '../routing/plan.ts';
import type { Call } from './call.ts';
import { holdBounds, mostOutput } from './worst-case.ts';

/** What becomes of a request whose worst case costs more than there is: refused, or made to ask for less output. */
export type WhenShort = 'refuse' | 'clamp';

/** Who is to answer an order that was made from what the caller asked. */
export type PlanOrder = (order: Order, asked: GenerateRequest) => readonly PlannedAttempt[];

export interface PlaceHoldOptions {
  readonly ledger: Ledger;
  readonly plan: PlanOrder;
  readonly whenShort: WhenShort;
  /** Unix milliseconds. */
  readonly expiresAt: number;
}

/** A request that may run, and how: what was asked for may have become less. */
export interface Held {
  readonly kind: 'held';
  readonly hold: PlacedHold;
  readonly order: Order;
  readonly planned: readonly PlannedAttempt[];
}

/** The price of others' requests may change what fits between two tries; this often is enough unless they never stop. */
const mostTries = 3;

/** Holds the worst case of a call. Throws InsufficientCredits, which says what would fit. */
export async function placeHold(
  call: Call,
  { order, planned }: Pick<Held, 'order' | 'planned'>,
  options: PlaceHoldOptions,
): Promise<Held | AnsweredBefore> {
  const { ledger, plan, whenShort, expiresAt } = options;
  let wanted = { order, planned };
  for (let tries = 1; ; tries++) {
    const wish = wishOf(call, wanted, expiresAt);
    try {
      const hold = call.idempotency === undefined ? await ledger.hold(wish) : await ledger.holdOnce(wish, call.idempotency);
      if (hold.kind === 'answered-before') return hold;
      call.onBalance?.(hold.balance.available);
      return { kind: 'held', hold, ...wanted };
    } catch (error) {
      if (!(error instanceof InsufficientCredits)) throw error;
      const { available } = error.shortage.balance;
      call.onBalance?.(available);
      const fitting = mostOutput(wanted.planned, available ?? 0n);
      if (whenShort === 'refuse' || fitting < 1 || tries >= mostTries) {
        throw new InsufficientCredits({ ...error.shortage, wouldFit: wordsFor(fitting) });
      }
      const less = withOutput(wanted.order, fitting, available ?? 0n);
      wanted = {
        order: less,
        planned: plan(less, { ...call.request, limits: { ...call.request.limits, completionTokens: fitting } }),
      };
    }
  }
}

function wishOf(call: Call, { order, planned }: Pick<Held, 'order' | 'planned'>, expiresAt: number): HoldWish {
  const { amount, tokens } = holdBounds(order, planned);
  const { accountId, budgetId } = call.caller;
  return {
    requestId: call.requestId,
    accountId,
    amount,
    expiresAt,
    ...(budgetId === undefined ? {} : { budgetId }),
    ...(tokens === undefined ? {} : { tokens }),
  };
}

function wordsFor(fitting: number): string {
  if (fitting < 1) return 'not even its prompt fits';
  return `up to ${fitting} output tokens, thinking included, would fit (max_completion_tokens: ${fitting})`;
}

/** The same order with fewer tokens to say, thinking included. */
function withOutput(order: Order, tokens: number, available: NanoUsd): Order {
  const notice: Notice = {
    code: 'clamped',
    path: 'max_completion_tokens',
    message: `Lowered to ${tokens}, thinking included: more could cost more than the ${available} nano-dollars that are available.`,
  };
  const request = { ...order.request, limits: { ...order.request.limits, completionTokens: tokens } };
  const earlier = order.notices.filter(({ code, path }) => code !== notice.code || path !== notice.path);
  return { ...order, request, notices: [...earlier, notice] };
}
