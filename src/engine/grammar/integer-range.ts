import { characters, choice, empty, literal, nothing, repeat, sequence } from './gbnf.ts';
import type { Expression } from './gbnf.ts';

/** Whole numbers from `min` to `max`, both included, as decimal text without leading zeros. Undefined: sixteen digits at least. */
export function integerRange(min: bigint | undefined, max: bigint | undefined): Expression {
  const low = min ?? -farthest(max ?? 0n);
  const high = max ?? farthest(min ?? 0n);
  if (low > high) return nothing;
  const branches: Expression[] = [];
  if (low < 0n) branches.push(sequence(literal('-'), fromZero(high < 0n ? -high : 1n, -low)));
  if (high >= 0n) branches.push(fromZero(low > 0n ? low : 0n, high));
  return choice(...branches);
}

/** The largest number of sixteen digits, or of one digit more than the other bound has. */
function farthest(other: bigint): bigint {
  const { length } = other.toString().replace('-', '');
  return 10n ** BigInt(Math.max(16, length + 1)) - 1n;
}

/** Neither bound negative: one branch for each number of digits. */
function fromZero(low: bigint, high: bigint): Expression {
  const branches: Expression[] = [];
  for (let from = low; from <= high;) {
    const longest = 10n ** BigInt(from.toString().length) - 1n;
    const to = longest < high ? longest : high;
    branches.push(sameLength(from.toString(), to.toString()));
    from = to + 1n;
  }
  return choice(...branches);
}

/** Texts of digits from `low` to `high`, which are of one length. */
function sameLength(low: string, high: string): Expression {
  if (low === '') return empty;
  const rest = low.length - 1;
  if (/^0*$/.test(low.slice(1)) && /^9*$/.test(high.slice(1))) {
    return sequence(digits(low.charAt(0), high.charAt(0)), repeat(characters('[0-9]'), rest, rest));
  }
  if (low.charAt(0) === high.charAt(0)) return sequence(literal(low.charAt(0)), sameLength(low.slice(1), high.slice(1)));
  const branches = [sequence(literal(low.charAt(0)), sameLength(low.slice(1), '9'.repeat(rest)))];
  const above = String(Number(low.charAt(0)) + 1);
  const below = String(Number(high.charAt(0)) - 1);
  if (above <= below) branches.push(sequence(digits(above, below), repeat(characters('[0-9]'), rest, rest)));
  branches.push(sequence(literal(high.charAt(0)), sameLength('0'.repeat(rest), high.slice(1))));
  return choice(...branches);
}

function digits(from: string, to: string): Expression {
  return from === to ? literal(from) : characters(`[${from}-${to}]`);
}
