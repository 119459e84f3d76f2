import { request } from '../../src/exchange/serve.test-support.ts';
import type { Caller } from '../../src/access/access.ts';
import type { AnswerEvent, Bill } from '../../src/model/event.ts';
import { asFault } from '../../src/model/fault.ts';
import type { FaultCode } from '../../src/model/fault.ts';
import type { Chance } from './chance.ts';
import type { VirtualTime } from './virtual-time.ts';
import type { ServerProcess, World } from './world.ts';

/** What one request looked like from outside. */
export interface Try {
  readonly requestId: string;
  readonly caller: Caller;
  readonly key: string | undefined;
  /** Of the prices when it was sent. */
  readonly priceListId: string;
  readonly process: ServerProcess;
  /** The first event has arrived. */
  readonly begun: boolean;
  readonly text: string;
  readonly replayed: boolean;
  readonly end: TryEnd;
}

export type TryEnd =
  | { readonly kind: 'complete'; readonly bill: Bill }
  | { readonly kind: 'fault'; readonly code: FaultCode }
  | { readonly kind: 'left' }
  | { readonly kind: 'died' };

export interface CallerOptions {
  readonly number: number;
  readonly world: World;
  readonly chance: Chance;
  readonly time: VirtualTime;
  /** The process that serves now; undefined while none does. */
  readonly server: () => ServerProcess | undefined;
  readonly tries: Try[];
}

/** Longer than any clock jumps. */
const keyLivesMs = 30 * 86_400_000;

const callers: readonly [Caller, Caller, Caller] = [
  { keyId: 'key_a', accountId: 'team', budgetId: 'budget' },
  { keyId: 'key_b', accountId: 'team' },
  { keyId: 'key_c', accountId: 'customer' },
];

/** Somebody who wants one answer: impatient, now and then gone, and stubborn enough to send the same again. */
export async function callSometimes(options: CallerOptions): Promise<void> {
  const { number, chance, time, server, world, tries } = options;
  const caller = chance.pick(callers);
  // A few callers share a key with another one: the same request, sent twice at once.
  const key = chance.oneIn(2) ? `job_${caller.accountId}_${chance.oneIn(3) ? 0 : number}` : undefined;
  const mostTries = chance.between(1, 4);
  const answerTokens = chance.pick([20, 100, 400]);
  await time.sleep(chance.between(0, 20_000));
  for (let attempt = 1; attempt <= mostTries; attempt++) {
    const process = server();
    if (process !== undefined) {
      const requestId = `req_${number}_${attempt}`;
      const priceListId = world.prices.id;
      const seen = await converse({ ...options, process, requestId, caller, key, answerTokens });
      tries.push({ requestId, caller, key, priceListId, process, ...seen });
      if (seen.end.kind === 'complete' && !chance.oneIn(4)) return;
    }
    await time.sleep(chance.between(10, 5_000));
  }
}

interface Conversation extends CallerOptions {
  readonly process: ServerProcess;
  readonly requestId: string;
  readonly caller: Caller;
  readonly key: string | undefined;
  readonly answerTokens: number;
}

type Seen = Pick<Try, 'begun' | 'text' | 'replayed' | 'end'>;

async function converse(conversation: Conversation): Promise<Seen> {
  const { chance, time, process, requestId, caller, key, answerTokens, world } = conversation;
  const leaving = new AbortController();
  const patience = patienceOf(chance);
  const callOff = patience.leavesAfterMs === undefined ? undefined : time.after(patience.leavesAfterMs, () => leaving.abort());
  const events: AnswerEvent[] = [];
  let replayed = false;
  const seen = (end: TryEnd): Seen => ({ begun: events.length > 0, text: textOf(events), replayed, end });
  const stream = process.exchange.serve({
    requestId,
    answerId: `gen_${requestId}`,
    caller,
    request: { ...request, limits: { answerTokens } },
    signal: leaving.signal,
    onReplay: () => (replayed = true),
    ...(key === undefined
      ? {}
      : { idempotency: { key, fingerprint: String(answerTokens), expiresAt: world.clock.now() + keyLivesMs } }),
  });
  try {
    for (let batches = 0; ; batches++) {
      if (batches >= patience.leavesAfterBatches) {
        // Half of those who leave hang up, the others only stop listening.
        if (chance.oneIn(2)) leaving.abort();
        void stream.return().catch(() => undefined);
        return seen({ kind: 'left' });
      }
      const step = await Promise.race([stream.next(), process.death]);
      if (step === 'died') return seen({ kind: 'died' });
      if (step.done === true) throw new Error(`The answer to ${requestId} ended without its usage.`);
      events.push(...step.value);
      const last = step.value.at(-1);
      if (last?.kind === 'usage' && last.bill !== undefined) {
        const bill = last.bill;
        await Promise.race([stream.next(), process.death]);
        return seen({ kind: 'complete', bill });
      }
      if (patience.readsSlowlyMs > 0) await time.sleep(patience.readsSlowlyMs);
    }
  } catch (error) {
    const { code } = asFault(error);
    if (code === 'internal') throw error;
    return seen(leaving.signal.aborted ? { kind: 'left' } : { kind: 'fault', code });
  } finally {
    callOff?.();
  }
}

interface Patience {
  readonly leavesAfterMs: number | undefined;
  readonly leavesAfterBatches: number;
  readonly readsSlowlyMs: number;
}

function patienceOf(chance: Chance): Patience {
  return {
    leavesAfterMs: chance.oneIn(4) ? chance.between(0, 8_000) : undefined,
    leavesAfterBatches: chance.oneIn(5) ? chance.between(1, 5) : Number.POSITIVE_INFINITY,
    readsSlowlyMs: chance.oneIn(6) ? chance.between(1, 2_000) : 0,
  };
}

function textOf(events: readonly AnswerEvent[]): string {
  return events.map((event) => (event.kind === 'part-delta' && event.delta.kind === 'text' ? event.delta.text : '')).join('');
}
