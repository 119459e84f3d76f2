import { createHash } from 'node:crypto';
import type { PromptPlan } from './prompt-plan.ts';

/**
 * A key for the beginning of a prompt up to each of its cuts, shortest first. Two beginnings have one key where their tokens, their
 * cuts and the scope are the same: only then is the state after one the state after the other, and theirs to read.
 */
export function beginningKeys(
  { tokens, cuts }: Pick<PromptPlan<number>, 'tokens' | 'cuts'>,
  scope: string | undefined,
): ReadonlyMap<number, string> {
  const hash = createHash('sha256').update(JSON.stringify([scope]));
  const keys = new Map<number, string>();
  let from = 0;
  for (const cut of cuts) {
    // The length tells the cut apart from the tokens.
    hash.update(Uint32Array.of(cut - from, ...tokens.slice(from, cut)));
    keys.set(cut, hash.copy().digest('base64url'));
    from = cut;
  }
  return keys;
}
