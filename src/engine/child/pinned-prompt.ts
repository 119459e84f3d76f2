import type { Token } from 'node-llama-cpp';
import type { Notice } from '../../model/notice.ts';
import type { InputUsage } from '../../model/usage.ts';
import { beginningKeys } from './beginning-keys.ts';
import type { PlacedMark } from './cache-marks.ts';
import type { Pins } from './pins.ts';
import type { PromptPlan } from './prompt-plan.ts';
import type { SequenceSlot, SlotWish } from './sequence-slot.ts';

export interface PinnedPromptOptions {
  readonly pins: Pins;
  readonly plan: PromptPlan<Token>;
  /** Pins of one scope are not there for another. */
  readonly scope: string | undefined;
  /** By rising length. */
  readonly marks: readonly PlacedMark[];
  /** Hears of each mark that could not be followed. */
  readonly tell: (notice: Notice) => void;
}

interface Held {
  readonly tokens: number;
  readonly key: string;
  readonly state: Buffer;
}

/** A prompt on its way through one sequence: takes up the longest beginning that is kept, and has kept what its marks ask for. */
export class PinnedPrompt {
  readonly #options: PinnedPromptOptions;
  readonly #keys: ReadonlyMap<number, string>;
  /** Marks that this prompt itself has to follow. */
  #wanted: readonly PlacedMark[] = [];
  #read = 0;
  #readPinned = 0;
  #writtenUpTo = 0;

  constructor(options: PinnedPromptOptions) {
    this.#options = options;
    const { pins, plan, scope, marks } = options;
    // Nobody looks for what cannot be there.
    this.#keys = pins.store.size === 0 && marks.length === 0 ? new Map() : beginningKeys(plan, scope);
  }

  /** What it asks of a sequence. */
  wish(): SlotWish {
    const heldTokens = this.#longestHeld()?.tokens ?? 0;
    return { plan: this.#options.plan, heldTokens, most: mostReused(this.#marksBeyond(heldTokens)) };
  }

  /** Brings the sequence to the longest beginning that it or a pin has, but not beyond a mark that is yet to be pinned. */
  async restore(slot: SequenceSlot): Promise<number> {
    const { marks, plan, pins, tell } = this.#options;
    const held = this.#longestHeld();
    this.#wanted = this.#marksBeyond(held?.tokens ?? 0);
    for (const { tokens, path } of marks) {
      const message = pins.refusal(tokens);
      if (message !== undefined) tell({ code: 'ignored', path, message });
    }
    for (const { tokens, lifetimeMs } of marks) pins.store.use(this.#key(tokens), lifetimeMs);
    // Who did not ask for a cache has no part in how long it is kept.
    if (held !== undefined && marks.length > 0) pins.store.use(held.key);
    const most = mostReused(this.#wanted);
    const isHere = held === undefined || held.tokens <= slot.sharedTokens(plan, most);
    const loaded = isHere ? undefined : await this.#load(slot, held);
    this.#read = loaded ?? (await slot.restore(plan, most));
    this.#readPinned = Math.min(held?.tokens ?? 0, this.#read);
    await this.atCut(slot, this.#read);
    return this.#read;
  }

  /** Undefined where there is no room for the file, or the library does not take it: then the prompt is evaluated like any other. */
  async #load(slot: SequenceSlot, { state, tokens, key }: Held): Promise<number | undefined> {
    const { plan, pins } = this.#options;
    try {
      await slot.load(state, plan, tokens);
      return tokens;
    } catch (error) {
      process.stderr.write(`the state of a sequence could not be loaded: ${String(error)}\n`);
      pins.store.drop(key);
      await slot.reset();
      return undefined;
    }
  }

  /** The sequence holds the prompt up to this cut and no further. */
  async atCut(slot: SequenceSlot, cut: number): Promise<void> {
    const mark = this.#wanted.find(({ tokens }) => tokens === cut);
    if (mark === undefined) return;
    const { pins, tell } = this.#options;
    let state: Buffer;
    try {
      state = await slot.save();
    } catch (error) {
      // Without room for the file the answer goes on; only the beginning is not kept.
      process.stderr.write(`the state of a sequence could not be saved: ${String(error)}\n`);
      tell({ code: 'ignored', path: mark.path, message: 'The state could not be saved; it is not cached.' });
      return;
    }
    if (pins.keep(this.#key(cut), cut, state, mark.lifetimeMs)) this.#writtenUpTo = cut;
    else tell({ code: 'ignored', path: mark.path, message: pins.refusal(cut) ?? 'It is not cached.' });
  }

  /**
   * No token is both read and written. One that is kept from now on is written, whether a sequence happened to hold it or not: so
   * the bill of a mark does not depend on who asked before. Otherwise, where a pin and a sequence gave tokens, the kind is that of
   * the one that gave more.
   */
  get usage(): Pick<InputUsage, 'cacheRead' | 'cacheWrite' | 'cacheKind'> {
    const asked = this.#options.marks.length > 0;
    // Nothing beyond a mark was taken up before it was written.
    const cacheWrite = Math.max(0, this.#writtenUpTo - this.#readPinned);
    const cacheRead = cacheWrite > 0 ? this.#readPinned : this.#read;
    const isExplicit = asked && this.#readPinned * 2 >= cacheRead;
    return { cacheRead, ...(asked ? { cacheWrite } : {}), cacheKind: isExplicit ? 'explicit' : 'implicit' };
  }

  /** Marks whose beginning lies inside of one that is kept are as good as followed. */
  #marksBeyond(heldTokens: number): readonly PlacedMark[] {
    const { pins, marks } = this.#options;
    return marks.filter(({ tokens }) => tokens > heldTokens && pins.refusal(tokens) === undefined);
  }

  #longestHeld(): Held | undefined {
    for (const [tokens, key] of [...this.#keys].toReversed()) {
      const state = this.#options.pins.store.find(key);
      if (state !== undefined) return { tokens, key, state };
    }
    return undefined;
  }

  #key(tokens: number): string {
    return this.#keys.get(tokens) ?? '';
  }
}

function mostReused(wanted: readonly PlacedMark[]): number {
  return wanted[0]?.tokens ?? Number.POSITIVE_INFINITY;
}
