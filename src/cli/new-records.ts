import type { LedgerRecords } from '../ledger/ledger-records.ts';
import type { RecordPlace, RequestRecord } from '../ledger/request-record.ts';

const pageSize = 100;
/** One look reads no more pages than this. */
const mostPages = 10;
/** Records are written in another order than that of their times, by as much as a commit takes, and a retry of one. */
const disorderMs = 10_000;

/** Asks for records again and again, and gives each of them once. */
export class NewRecords {
  readonly #ledger: Pick<LedgerRecords, 'requestRecords'>;
  readonly #accountId: string;
  /** Those that later looks will meet again, with the times of their ends (Unix milliseconds). */
  #seen = new Map<string, number>();
  #newestAt: number | undefined;
  #overflowed = false;

  constructor(ledger: Pick<LedgerRecords, 'requestRecords'>, accountId: string) {
    this.#ledger = ledger;
    this.#accountId = accountId;
  }

  /** Whether the last look met more records than it could read. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  /** What was not given before, the oldest first. The first look gives the newest page. */
  async next(): Promise<readonly RequestRecord[]> {
    const found = await this.#look();
    const fresh = found.filter(({ requestId }) => !this.#seen.has(requestId));
    const isFirst = this.#newestAt === undefined;
    for (const { requestId, at } of found) this.#seen.set(requestId, at);
    this.#newestAt = Math.max(this.#newestAt ?? 0, found[0]?.at ?? 0);
    this.#forget();
    return (isFirst ? fresh.slice(0, pageSize) : fresh).toReversed();
  }

  /** What ended after the horizon of the look before, the newest first; in the first look, after its own. */
  async #look(): Promise<readonly RequestRecord[]> {
    const found: RequestRecord[] = [];
    let before: RecordPlace | undefined;
    this.#overflowed = false;
    for (let page = 1; page <= mostPages; page++) {
      const records = await this.#ledger.requestRecords({
        accountId: this.#accountId,
        limit: pageSize,
        ...(before === undefined ? {} : { before }),
      });
      found.push(...records);
      before = records.at(-1);
      const horizon = (this.#newestAt ?? found[0]?.at ?? 0) - disorderMs;
      const isOver = before === undefined || records.length < pageSize || before.at < horizon;
      if (isOver) return this.#newestAt === undefined ? found : found.filter(({ at }) => at >= horizon);
    }
    this.#overflowed = true;
    return found;
  }

  /** What is older than the horizon will not be met again. */
  #forget(): void {
    const horizon = (this.#newestAt ?? 0) - disorderMs;
    this.#seen = new Map([...this.#seen].filter(([, at]) => at >= horizon));
  }
}
