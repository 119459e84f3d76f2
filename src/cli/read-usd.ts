import { InvalidArgumentError } from 'commander';
import { readUsdDecimal } from '../ledger/amount.ts';
import type { NanoUsd } from '../model/money.ts';

/** Dollars of a command, to the last digit: `12.50` or `$12.50`. Throws InvalidArgumentError for what is no whole number of nano-dollars. */
export function readUsd(text: string): NanoUsd {
  const amount = readSignedUsd(text);
  if (text.startsWith('-')) throw new InvalidArgumentError('Write dollars as digits, such as 12.50.');
  return amount;
}

/** The same with a minus before what goes away: `-12.50` or `-$12.50`. */
export function readSignedUsd(text: string): NanoUsd {
  const amount = readUsdDecimal(text.replace(/^(-?)\$/, '$1'));
  if (amount !== undefined) return amount;
  if (/^-?\$?\d+\.\d{10,}$/.test(text)) throw new InvalidArgumentError('Dollars have at most 9 decimals here.');
  throw new InvalidArgumentError('Write dollars as digits, such as 12.50.');
}
