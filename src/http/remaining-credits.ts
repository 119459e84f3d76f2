import { usdDecimal, wholeCredits } from '../ledger/amount.ts';
import type { NanoUsd } from '../model/money.ts';

/** In what money is shown to callers who ask for no particular unit. */
export interface CreditDisplay {
  readonly creditUnit: CreditUnit;
  /** Credits for one dollar, for this unit and for dialects that count in credits. */
  readonly creditsPerUsd: bigint;
}

export type CreditUnit = 'usd' | 'credits';

/** Value of the header `x-remaining-credits`; undefined for an account without a limit, where the header would say nothing. */
export function remainingCredits(available: NanoUsd | null, { creditUnit, creditsPerUsd }: CreditDisplay): string | undefined {
  if (available === null) return undefined;
  switch (creditUnit) {
    case 'usd':
      return usdDecimal(available);
    case 'credits':
      return wholeCredits(available, creditsPerUsd).toString();
  }
}
