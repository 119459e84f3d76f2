/** An exact number of dollars: `numerator / denominator`. */
export interface ExactUsd {
  readonly numerator: bigint;
  /** A power of ten. */
  readonly denominator: bigint;
}

/** Long enough for any price, short enough that a price file cannot make the arithmetic slow. */
const longestText = 40;

/**
 * Reads dollars written as decimal text, such as `0.029`, without rounding. Throws RangeError for anything but plain digits
 * with at most one point: no sign, no exponent, no blanks.
 */
export function parseUsd(text: string): ExactUsd {
  const match = text.length > longestText ? null : /^(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) {
    throw new RangeError(`${JSON.stringify(text.slice(0, longestText))} is no price; write dollars as digits, such as "0.029"`);
  }
  const [, whole = '', decimals = ''] = match;
  return { numerator: BigInt(whole + decimals), denominator: 10n ** BigInt(decimals.length) };
}
