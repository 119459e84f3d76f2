import { readFile, writeFile } from 'node:fs/promises';
import type { LlamaContextSequence, Token } from 'node-llama-cpp';
import type { ContextGate } from './context-gate.ts';
import { lastAgreedCut, type PromptPlan } from './prompt-plan.ts';
import { inPrivateFile } from './private-file.ts';
import type { PoolSlot } from './slot-pool.ts';

/** What a prompt asks of a sequence. */
export interface SlotWish {
  readonly plan: PromptPlan<Token>;
  /** Tokens that any sequence can have from a pin. */
  readonly heldTokens: number;
  /** No more than these are taken up: the state after them is yet to be saved. */
  readonly most: number;
}

/** One sequence of the context with what it remembers of the prompts it has seen. */
export class SequenceSlot implements PoolSlot<SlotWish> {
  readonly sequence: LlamaContextSequence;
  readonly #gate: ContextGate;
  /** Where the state was cut when it was evaluated. What lies behind the last cut is never used again. */
  #cuts: number[] = [];
  /** Of a hybrid model: the cuts it can go back to. */
  #saved: number[] = [];
  #savedBytes = 0;
  lastUsed = 0;

  constructor(sequence: LlamaContextSequence, gate: ContextGate) {
    this.sequence = sequence;
    this.#gate = gate;
  }

  /** Tokens that are here beyond those that would be loaded elsewhere; 1 for no more than those, because loading takes time too. */
  reusableTokens({ plan, heldTokens, most }: SlotWish): number {
    const shared = this.sharedTokens(plan, most);
    return shared === 0 || shared < heldTokens ? 0 : Math.max(1, shared - heldTokens);
  }

  lostTokens({ plan, most }: SlotWish): number {
    return (this.#cuts.at(-1) ?? 0) - this.#agreedCut(plan, most);
  }

  /** Tokens of this prompt, at most `most`, that the sequence can go back to. */
  sharedTokens(plan: PromptPlan<Token>, most: number): number {
    const agreed = this.#agreedCut(plan, most);
    if (!this.sequence.needsCheckpoints || agreed === this.sequence.nextTokenIndex) return agreed;
    // The library's own getRestoreToPrefixIndexEvaluationSize (3.22.1) does not look past the newest checkpoint.
    return this.#saved.findLast((cut) => cut <= agreed) ?? 0;
  }

  /** Goes back to the longest beginning, of at most `most` tokens, that the state and this prompt share. Returns its length in tokens. */
  async restore(plan: PromptPlan<Token>, most: number): Promise<number> {
    // Without `false` the library may keep later text by shifting cells, which changes the answer.
    const shared = plan.tokens.slice(0, this.#agreedCut(plan, most));
    await this.#gate.alone(() => this.sequence.adaptStateToTokens(shared, false));
    const kept = this.sequence.nextTokenIndex;
    this.#cuts = this.#cuts.filter((cut) => cut <= kept);
    this.#saved = this.#saved.filter((cut) => cut <= kept);
    return kept;
  }

  /**
   * Evaluates the prompt from where `restore` left it up to its last cut and returns the tokens after that, at least one.
   * Returns undefined when the signal came; it is looked at before every piece. `atCut` is waited for at each cut.
   */
  async feed(plan: PromptPlan<Token>, signal: AbortSignal, atCut: (cut: number) => Promise<void>): Promise<Token[] | undefined> {
    let at = this.sequence.nextTokenIndex;
    for (const cut of plan.cuts) {
      if (cut <= at) continue;
      await this.#gate.pass();
      if (signal.aborted) return undefined;
      await this.sequence.evaluateWithoutGeneratingNewTokens(plan.tokens.slice(at, cut));
      at = cut;
      this.#cuts.push(cut);
      if (plan.checkpoints.has(cut)) await this.#takeCheckpoint(cut);
      await atCut(cut);
    }
    return signal.aborted ? undefined : plan.tokens.slice(at);
  }

  /** The state as bytes, through a file, because the library knows no other way out. It takes about as long as copying it. */
  save(): Promise<Buffer> {
    return inPrivateFile(async (file) => {
      await this.#gate.alone(() => this.sequence.saveStateToFile(file));
      return readFile(file);
    });
  }

  /** Puts the state that was saved after so many tokens of the same prompt in place of the present one. */
  async load(state: Buffer, plan: PromptPlan<Token>, tokens: number): Promise<void> {
    this.#cuts = [];
    this.#saved = [];
    await inPrivateFile(async (file) => {
      await writeFile(file, state);
      await this.#gate.alone(async () => {
        // The library would keep the checkpoints of the state before, and go back to them.
        await this.sequence.clearHistory();
        await this.sequence.loadStateFromFile(file, { acceptRisk: true });
      });
    });
    this.#cuts = plan.cuts.filter((cut) => cut <= tokens);
    await this.#takeCheckpoint(tokens);
  }

  /** After a failure the state is of unknown shape. */
  async reset(): Promise<void> {
    this.#cuts = [];
    this.#saved = [];
    await this.#gate.alone(() => this.sequence.clearHistory());
  }

  async #takeCheckpoint(cut: number): Promise<void> {
    if (!this.sequence.needsCheckpoints) return;
    await this.#gate.alone(() => this.sequence.takeCheckpoint());
    // The library drops the oldest for want of room without saying so. All have the same size, so their sum tells how many are left.
    const bytes = this.sequence.checkpointsMemoryUsage;
    if (this.#savedBytes === 0) this.#savedBytes = bytes;
    this.#saved = [...this.#saved, cut].slice(-Math.max(1, Math.round(bytes / this.#savedBytes)));
  }

  #agreedCut(plan: PromptPlan<Token>, most: number): number {
    const common = this.sequence.compareContextTokens([...plan.tokens]).firstDifferentIndex;
    return lastAgreedCut(this.#cuts, plan.cuts, Math.min(common, plan.tokens.length - 1, most));
  }
}
