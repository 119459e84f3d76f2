/** A number written as decimal text, exactly: `digits` / 10^`decimals`. */
export interface Decimal {
  readonly digits: bigint;
  readonly decimals: number;
}

/** Of text that a schema has checked: digits with at most one point, and perhaps a sign. */
export function decimalOf(text: string): Decimal {
  const [whole = '', fraction = ''] = text.split('.');
  return { digits: BigInt(whole + fraction), decimals: fraction.length };
}

export function product(one: Decimal, other: Decimal): Decimal {
  return { digits: one.digits * other.digits, decimals: one.decimals + other.decimals };
}

/** A hundredth of it. */
export function hundredth({ digits, decimals }: Decimal): Decimal {
  return { digits, decimals: decimals + 2 };
}

/** The shortest text that says the same; for numbers from 0. */
export function decimalText({ digits, decimals }: Decimal): string {
  const padded = digits.toString().padStart(decimals + 1, '0');
  const whole = padded.slice(0, padded.length - decimals);
  const fraction = padded.slice(whole.length).replace(/0+$/, '');
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
