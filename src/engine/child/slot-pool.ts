/** What the pool has to know of a sequence. */
export interface PoolSlot<Plan> {
  /** Set by the pool: the higher, the later. */
  lastUsed: number;
  /** Tokens of this prompt that need no evaluation here. */
  reusableTokens(plan: Plan): number;
  /** Tokens of earlier prompts that are lost when this prompt is evaluated here. */
  lostTokens(plan: Plan): number;
}

interface Waiting<Plan, Slot> {
  readonly owner: object;
  readonly plan: Plan;
  readonly grant: (slot: Slot | undefined) => void;
}

/**
 * Hands out the sequences. Whose request holds the fewest goes first, then who came first: a request for many answers does not
 * keep the others out. Each gets the free sequence that saves it the most work.
 */
export class SlotPool<Plan, Slot extends PoolSlot<Plan>> {
  readonly #free: Slot[];
  readonly #waiting: Waiting<Plan, Slot>[] = [];
  readonly #held = new Map<object, number>();
  #uses = 0;
  #active = 0;

  constructor(slots: readonly Slot[]) {
    this.#free = [...slots];
  }

  get active(): number {
    return this.#active;
  }

  get queued(): number {
    return this.#waiting.length;
  }

  /** Waits for a sequence. Resolves to undefined when the signal comes first. */
  async acquire(owner: object, plan: Plan, signal: AbortSignal): Promise<Slot | undefined> {
    if (signal.aborted) return undefined;
    const { promise, resolve } = Promise.withResolvers<Slot | undefined>();
    const waiting: Waiting<Plan, Slot> = { owner, plan, grant: resolve };
    const leave = (): void => {
      const index = this.#waiting.indexOf(waiting);
      if (index === -1) return;
      this.#waiting.splice(index, 1);
      resolve(undefined);
    };
    signal.addEventListener('abort', leave, { once: true });
    this.#waiting.push(waiting);
    this.#grantNext();
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  release(owner: object, slot: Slot): void {
    const held = (this.#held.get(owner) ?? 0) - 1;
    if (held > 0) this.#held.set(owner, held);
    else this.#held.delete(owner);
    slot.lastUsed = ++this.#uses;
    this.#active--;
    this.#free.push(slot);
    this.#grantNext();
  }

  #grantNext(): void {
    if (this.#free.length === 0) return;
    const next = leastBy(this.#waiting, (waiting) => this.#held.get(waiting.owner) ?? 0);
    if (next === undefined) return;
    const slot = bestSlot(this.#free, next.plan);
    if (slot === undefined) return;
    this.#waiting.splice(this.#waiting.indexOf(next), 1);
    this.#free.splice(this.#free.indexOf(slot), 1);
    this.#held.set(next.owner, (this.#held.get(next.owner) ?? 0) + 1);
    this.#active++;
    next.grant(slot);
    this.#grantNext();
  }
}

/**
 * The slot that saves the most work, where one does; otherwise the one that was used longest ago. What is evaluated now counts in
 * full, what another conversation may have to evaluate again later a quarter.
 */
function bestSlot<Plan, Slot extends PoolSlot<Plan>>(free: readonly Slot[], plan: Plan): Slot | undefined {
  const lossOf = (slot: Slot): number => slot.lostTokens(plan) / 4 - slot.reusableTokens(plan);
  const saving = leastBy(free, lossOf);
  if (saving !== undefined && lossOf(saving) < 0) return saving;
  return leastBy(free, (slot) => slot.lastUsed);
}

/** The element with the lowest value, among equals the first. */
function leastBy<T>(list: readonly T[], valueOf: (element: T) => number): T | undefined {
  let best: { readonly element: T; readonly value: number } | undefined;
  for (const element of list) {
    const value = valueOf(element);
    if (best === undefined || value < best.value) best = { element, value };
  }
  return best?.element;
}
