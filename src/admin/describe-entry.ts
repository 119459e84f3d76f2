import type { Entry } from '../ledger/entry.ts';
import type { JsonObject } from '../model/json.ts';
import { amountFields } from './amount-fields.ts';
import { timeText } from './time-text.ts';

/** A movement on an account: above 0 what came, below 0 what went. */
export function describeEntry({ seq, at, kind, amount, ref, note }: Entry): JsonObject {
  return { entry: seq, time: timeText(at), kind, ...amountFields('amount', amount), ref, note: note ?? null };
}
