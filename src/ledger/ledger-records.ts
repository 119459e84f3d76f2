import type { Account } from './account.ts';
import type { RecordPage, RequestRecord, ToolSum, UsageQuery, UsageSpan, UsageSum } from './request-record.ts';

/** The ledger for those who look things up. Nothing here changes anything. */
export interface LedgerRecords {
  /** Throws `not_found` for an unknown account. */
  account(accountId: string): Promise<Account>;
  /** The account and those above it, the root first. Throws `not_found` for an unknown one. */
  path(accountId: string): Promise<readonly Account[]>;
  requestRecord(requestId: string): Promise<RequestRecord | undefined>;
  /** By the id that the answer carried (`gen_...`). */
  answerRecord(answerId: string): Promise<RequestRecord | undefined>;
  requestRecords(page: RecordPage): Promise<readonly RequestRecord[]>;
  /** Ordered by group. */
  usage(query: UsageQuery): Promise<readonly UsageSum[]>;
  /** Ordered by tool. */
  toolUsage(span: UsageSpan): Promise<readonly ToolSum[]>;
}
