import { credit, findAccount, listEntries, openAccount } from './account-operations.ts';
import { beginEpoch, expireHolds, findHold, hold, settle, voidHold } from './hold-operations.ts';
import { findKey, insertKey, listKeys, revokeKey, rotateKey } from './key-operations.ts';
import { findRecord, findRecordOfAnswer, listRecords } from './record-operations.ts';
import type { Operation } from './statement.ts';
import { sumTools, sumUsage } from './usage-operations.ts';

const table = {
  'epoch.begin': beginEpoch,
  'account.open': openAccount,
  'account.find': findAccount,
  'account.credit': credit,
  'entry.list': listEntries,
  'hold.place': hold,
  'hold.settle': settle,
  'hold.void': voidHold,
  'hold.expire': expireHolds,
  'hold.find': findHold,
  'record.find': findRecord,
  'record.find-answer': findRecordOfAnswer,
  'record.list': listRecords,
  'usage.sum': sumUsage,
  'usage.sum-tools': sumTools,
  'key.insert': insertKey,
  'key.find': findKey,
  'key.list': listKeys,
  'key.revoke': revokeKey,
  'key.rotate': rotateKey,
};

export type OperationName = keyof typeof table;

type InputOf<Name extends OperationName> = Parameters<(typeof table)[Name]>[0];

export type ResultOf<Name extends OperationName> =
  ReturnType<(typeof table)[Name]> extends Operation<infer Result> ? Result : never;

/** A named operation and its plain-data input: what travels to the thread or the connection that owns the database. */
export type Call<Name extends OperationName = OperationName> = {
  [Each in Name]: { readonly name: Each; readonly input: InputOf<Each> };
}[Name];

/** Performs a call as one transaction. Rejects where the database failed; then nothing was written. */
export type Perform = <Name extends OperationName>(call: Call<Name> & Call) => Promise<ResultOf<Name>>;

const handlers: { readonly [Name in OperationName]: (input: InputOf<Name>) => Operation<ResultOf<Name>> } = table;

export function operationOf<Name extends OperationName>(call: Call<Name>): Operation<ResultOf<Name>> {
  return handlers[call.name](call.input);
}

/**
 * What ends something that was begun is never refused for a full queue: there are no more of these than open holds, and a
 * refusal would lose the charge.
 */
export function isAlwaysAdmitted(name: OperationName): boolean {
  return name === 'hold.settle' || name === 'hold.void';
}

/** Look-ups that read as many rows as there are: they are kept out of the way of what writes. */
export function readsManyRows(name: OperationName): boolean {
  return name === 'usage.sum' || name === 'usage.sum-tools';
}
