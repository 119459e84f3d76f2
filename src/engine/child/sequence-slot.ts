import type { LlamaContextSequence, Token } from 'node-llama-cpp';
import type { ContextGate } from './context-gate.ts';
import { lastAgreedCut, type PromptPlan } from './prompt-plan.ts';
import type { PoolSlot } from './slot-pool.ts';

/** One sequence of the context with what it remembers of the prompts it has seen. */
export class SequenceSlot implements PoolSlot<PromptPlan<Token>> {
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

  reusableTokens(plan: PromptPlan<Token>): number {
    const agreed = this.#agreedCut(plan);
    if (!this.sequence.needsCheckpoints || agreed === this.sequence.nextTokenIndex) return agreed;
    // The library's own getRestoreToPrefixIndexEvaluationSize (3.22.1) does not look past the newest checkpoint.
    return this.#saved.findLast((cut) => cut <= agreed) ?? 0;
  }

  lostTokens(plan: PromptPlan<Token>): number {
    return (this.#cuts.at(-1) ?? 0) - this.#agreedCut(plan);
  }

  /** Goes back to the longest beginning that the state and this prompt share. Returns its length in tokens. */
  async restore(plan: PromptPlan<Token>): Promise<number> {
    // Without `false` the library may keep later text by shifting cells, which changes the answer.
    const shared = plan.tokens.slice(0, this.#agreedCut(plan));
    await this.#gate.alone(() => this.sequence.adaptStateToTokens(shared, false));
    const kept = this.sequence.nextTokenIndex;
    this.#cuts = this.#cuts.filter((cut) => cut <= kept);
    this.#saved = this.#saved.filter((cut) => cut <= kept);
    return kept;
  }

  /**
   * Evaluates the prompt from where `restore` left it up to its last cut and returns the tokens after that, at least one.
   * Returns undefined when the signal came; it is looked at before every piece.
   */
  async feed(plan: PromptPlan<Token>, signal: AbortSignal): Promise<Token[] | undefined> {
    let at = this.sequence.nextTokenIndex;
    for (const cut of plan.cuts) {
      if (cut <= at) continue;
      await this.#gate.pass();
      if (signal.aborted) return undefined;
      await this.sequence.evaluateWithoutGeneratingNewTokens(plan.tokens.slice(at, cut));
      at = cut;
      this.#cuts.push(cut);
      if (plan.checkpoints.has(cut)) await this.#save(cut);
    }
    return signal.aborted ? undefined : plan.tokens.slice(at);
  }

  /** After a failure the state is of unknown shape. */
  async reset(): Promise<void> {
    this.#cuts = [];
    this.#saved = [];
    await this.#gate.alone(() => this.sequence.clearHistory());
  }

  async #save(cut: number): Promise<void> {
    if (!this.sequence.needsCheckpoints) return;
    await this.#gate.alone(() => this.sequence.takeCheckpoint());
    // The library drops the oldest for want of room without saying so. All have the same size, so their sum tells how many are left.
    const bytes = this.sequence.checkpointsMemoryUsage;
    if (this.#savedBytes === 0) this.#savedBytes = bytes;
    this.#saved = [...this.#saved, cut].slice(-Math.max(1, Math.round(bytes / this.#savedBytes)));
  }

  #agreedCut(plan: PromptPlan<Token>): number {
    const common = this.sequence.compareContextTokens([...plan.tokens]).firstDifferentIndex;
    return lastAgreedCut(this.#cuts, plan.cuts, Math.min(common, plan.tokens.length - 1));
  }
}
