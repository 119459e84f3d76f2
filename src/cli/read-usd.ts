import { InvalidArgumentError } from 'commander';
import { parseUsd, type ExactUsd } from '../metering/parse-usd.ts';
import type { NanoUsd } from '../model/money.ts';

const nanoInOneUsd = 1_000_000_000n;

/** Dollars of a command, to the last digit: `12.50` or `$12.50`. Throws InvalidArgumentError for what is no whole number of nano-dollars. */
export function readUsd(text: string): NanoUsd {
  const { numerator, denominator } = exactUsd(text.replace(/^\$/, ''));
  const nano = numerator * nanoInOneUsd;
  if (nano % denominator !== 0n) throw new InvalidArgumentError('Dollars have at most 9 decimals here.');
  return nano / denominator;
}

function exactUsd(text: string): ExactUsd {
  try {
    return parseUsd(text);
  } catch {
    throw new InvalidArgumentError('Write dollars as digits, such as 12.50.');
  }
}
