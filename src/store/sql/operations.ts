import { changeAccount } from './account-change-operations.ts';
import { credit, findAccount, findPath, listAccounts, listEntries, openAccount } from './account-operations.ts';
import {
  addEvents,
  beginResponse,
  cancelResponse,
  findEvents,
  finishResponse,
  giveUpOrphans,
  runningResponses,
} from './background-operations.ts';
import {
  addConversationItems,
  conversationItems,
  describeConversation,
  findConversation,
  openConversation,
  removeConversation,
  removeConversationItem,
} from './conversation-operations.ts';
import { beatEpoch, beginEpoch, buryEpoch, endEpoch, joinEpoch, listEpochs } from './epoch-operations.ts';
import { giveGrant, listGrants } from './grant-operations.ts';
import { expireHolds, findHold, hold, overdueHolds, voidHold } from './hold-operations.ts';
import { pruneKeys } from './idempotency-operations.ts';
import { findKey, insertKey, listKeys, revokeKey, rotateKey, touchKey, updateKey } from './key-operations.ts';
import { findItems } from './kept-item-operations.ts';
import { endInLease, recalledLeases, recallLeases, returnLease, takeLease, wantedLeases } from './lease-operations.ts';
import { tellLowBalance, untellLowBalance } from './low-balance-operations.ts';
import { shareRates } from './rate-operations.ts';
import { findRecord, findRecordOfAnswer, listRecords } from './record-operations.ts';
import { refund } from './refund-operations.ts';
import { findResponse, keepResponse, pruneSessions, readChain, removeResponse } from './response-operations.ts';
import { settle } from './settle-operations.ts';
import type { Operation } from './statement.ts';
import { sumTools, sumUsage } from './usage-operations.ts';

const table = {
  'epoch.begin': beginEpoch,
  'epoch.join': joinEpoch,
  'epoch.beat': beatEpoch,
  'epoch.list': listEpochs,
  'epoch.bury': buryEpoch,
  'epoch.end': endEpoch,
  'account.open': openAccount,
  'account.change': changeAccount,
  'account.find': findAccount,
  'account.find-path': findPath,
  'account.list': listAccounts,
  'account.credit': credit,
  'account.refund': refund,
  'account.grant': giveGrant,
  'account.tell-low': tellLowBalance,
  'account.untell-low': untellLowBalance,
  'grant.list': listGrants,
  'entry.list': listEntries,
  'hold.place': hold,
  'hold.settle': settle,
  'hold.void': voidHold,
  'hold.overdue': overdueHolds,
  'hold.expire': expireHolds,
  'hold.find': findHold,
  'idempotency.prune': pruneKeys,
  'lease.take': takeLease,
  'lease.end': endInLease,
  'lease.return': returnLease,
  'lease.recall': recallLeases,
  'lease.recalled': recalledLeases,
  'lease.wanted': wantedLeases,
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
  'key.update': updateKey,
  'key.touch': touchKey,
  'rate.share': shareRates,
  'response.keep': keepResponse,
  'response.find': findResponse,
  'response.remove': removeResponse,
  'response.chain': readChain,
  'response.items': findItems,
  'response.begin': beginResponse,
  'response.finish': finishResponse,
  'response.cancel': cancelResponse,
  'response.running': runningResponses,
  'response.give-up': giveUpOrphans,
  'response.add-events': addEvents,
  'response.events': findEvents,
  'conversation.open': openConversation,
  'conversation.find': findConversation,
  'conversation.describe': describeConversation,
  'conversation.remove': removeConversation,
  'conversation.items': conversationItems,
  'conversation.add': addConversationItems,
  'conversation.remove-item': removeConversationItem,
  'session.prune': pruneSessions,
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
  return name === 'hold.settle' || name === 'hold.void' || name === 'lease.end';
}

/** Look-ups that read as many rows as there are: they are kept out of the way of what writes. */
export function readsManyRows(name: OperationName): boolean {
  return name === 'usage.sum' || name === 'usage.sum-tools';
}
