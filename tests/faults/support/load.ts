import { setTimeout as pause } from 'node:timers/promises';
import { ask, type Asking, type Reply } from './ask.ts';
import type { Place } from './place.ts';
import type { Plan } from './plan.ts';

/** What one caller asked, and how each of its ways to ask ended. */
export interface Asked {
  readonly plan: Plan;
  readonly accountId: string;
  readonly model: 'cancelled' | 'drained';
  readonly isKeyed: boolean;
  /** One, or two where it was submitted twice at the same time. */
  readonly replies: readonly Reply[];
}

export interface LoadOptions {
  readonly place: Place;
  /** The servers of this moment; callers go on trying while there are none. */
  readonly urls: () => readonly string[];
  readonly callers: number;
}

/**
 * Callers who ask without end: 15 % leave in the middle, for 8 % the host fails, 10 % submit twice at the same time. Who gets no
 * answer asks again under the same idempotency key until there is one; half of those who leave have no key and never come back.
 */
export class Load {
  readonly asked: Asked[] = [];
  /** How often each fault was told that is no final answer, by its code. */
  readonly refusals = new Map<string, number>();
  readonly #options: LoadOptions;
  readonly #done: Promise<unknown>;
  #number = 0;
  #retries = 0;
  #isStopping = false;
  #isOver = false;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#done = Promise.all(Array.from({ length: options.callers }, () => this.#call()));
    this.#done.catch(() => undefined);
  }

  /** How often somebody had to ask again. */
  get retries(): number {
    return this.#retries;
  }

  /** Resolves once so many requests have ended, or rejects with what went wrong before. */
  sees(requests: number): Promise<void> {
    return this.until(() => this.asked.length >= requests);
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await Promise.race([this.#done, pause(5)]);
  }

  /** Asks beside the callers, until there is an answer. */
  async askBeside(plan: Plan): Promise<void> {
    const { accountId, key } = this.#options.place.customer(plan.number);
    const asking = { key, model: 'cancelled', plan, idempotencyKey: `beside-${plan.number}` } as const;
    const replies = [await this.#untilAnswered(asking, 0)];
    this.asked.push({ plan, accountId, model: asking.model, isKeyed: true, replies });
  }

  /** Begins nothing new, and waits until everybody has an answer. Rejects where that takes longer than two minutes. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const timer = setTimeout(() => (this.#isOver = true), 120_000);
    try {
      await this.#done;
    } finally {
      clearTimeout(timer);
    }
  }

  async #call(): Promise<void> {
    while (!this.#isStopping) {
      const number = ++this.#number;
      this.asked.push(await this.#ask(number));
    }
  }

  async #ask(number: number): Promise<Asked> {
    const kind = kindOf(number);
    const plan: Plan = {
      number,
      words: 2 + (number % 17),
      pauseMs: 3,
      ...(kind === 'fails' ? { fails: number % 2 === 0 ? 'start' : 'middle' } : {}),
    };
    const customer = this.#options.place.customer(number);
    const model = number % 3 === 0 ? 'drained' : 'cancelled';
    const isKeyed = kind !== 'leaves' || number % 2 === 0;
    const asking: Omit<Asking, 'url'> = {
      key: customer.key,
      model,
      plan,
      whole: number % 4 === 0 && kind !== 'leaves',
      ...(isKeyed ? { idempotencyKey: `request-${number}` } : {}),
      ...(kind === 'leaves' ? { leavesAfterBytes: Math.floor(Math.random() * 3_000) } : {}),
    };
    const ways = kind === 'twice' ? 2 : 1;
    const replies = await Promise.all(Array.from({ length: ways }, (_, way) => this.#untilAnswered(asking, way)));
    return { plan, accountId: customer.accountId, model, isKeyed, replies };
  }

  async #untilAnswered(asking: Omit<Asking, 'url'>, way: number): Promise<Reply> {
    let last: Reply | undefined;
    for (let tries = 0; ; tries++) {
      if (this.#isOver) {
        throw new Error(`Request ${asking.plan.number} got no answer within two minutes, at last ${JSON.stringify(last)}.`);
      }
      const urls = this.#options.urls();
      const url = urls[(asking.plan.number + way + tries) % Math.max(1, urls.length)];
      if (url !== undefined) {
        const reply = await ask({ ...asking, url });
        last = reply;
        if (isFinal(reply) || asking.idempotencyKey === undefined) return reply;
        this.#retries += 1;
        if ('code' in reply) this.refusals.set(reply.code, (this.refusals.get(reply.code) ?? 0) + 1);
      }
      await pause(20 + Math.random() * 30);
    }
  }
}

/** What a caller need not ask again after. */
function isFinal(reply: Reply): boolean {
  switch (reply.kind) {
    case 'complete':
    case 'left':
      return true;
    case 'cut':
      return false;
    case 'refused':
    case 'broken':
      return reply.code === 'upstream_failed' || reply.code === 'insufficient_credits';
  }
}

function kindOf(number: number): 'leaves' | 'fails' | 'twice' | 'plain' {
  // Spread over the numbers, so that neighbours differ.
  const hundredth = (number * 37) % 100;
  if (hundredth < 15) return 'leaves';
  if (hundredth < 23) return 'fails';
  return hundredth < 33 ? 'twice' : 'plain';
}
