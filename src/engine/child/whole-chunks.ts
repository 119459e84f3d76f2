import type { BatchItem, CustomBatchingPrioritizationStrategy } from 'node-llama-cpp';

/**
 * How often a pass is put off for an answer that has not asked for its next token yet. It is on its way: each time takes some
 * microseconds, and a pass without it takes as long as one with it.
 */
const patience = 50;

/**
 * What goes into one pass through the model: first the next token of every answer being written, then pieces of prompts, each
 * whole, in the order in which they came. A sequence asks for its next piece when the last one is done, so prompts take turns.
 *
 * The library's own strategies cut pieces to fill a pass. That would change the numbers of a prompt with what else is running,
 * and on a hybrid model a pass that mixes long prompts is several times slower than one after the other (measured, tiny
 * qwen35moe). The library also starts the next pass before the last of the answers has asked for its token, so that of four
 * answers always one is left out (3.22.1); an empty choice makes it ask again.
 *
 * `writing` is the number of answers that are about to ask for their next token.
 */
export function wholeChunks(writing: () => number): CustomBatchingPrioritizationStrategy {
  let waited = 0;
  return ({ items, size }) => {
    const answers = items.filter((item) => item.tokens.length === 1);
    if (answers.length < writing() && waited < patience) {
      waited++;
      return [];
    }
    waited = 0;
    const chosen: BatchItem[] = [];
    let left = size;
    for (const item of [...answers, ...items.filter((other) => other.tokens.length > 1)]) {
      if (item.tokens.length > left) continue;
      chosen.push(item);
      left -= item.tokens.length;
    }
    // A single piece that is longer than a pass has to be cut after all.
    const [first] = items;
    if (chosen.length === 0 && first !== undefined) chosen.push(first);
    return chosen.map((item) => ({ item, processAmount: item.tokens.length }));
  };
}
