import { isDeepStrictEqual } from 'node:util';
import { storable } from '../../src/ledger/charge.ts';
import type { LedgerAlarm } from '../../src/ledger/create-ledger.ts';
import type { StoredHold } from '../../src/ledger/ledger-store.ts';
import type { RequestRecord } from '../../src/ledger/request-record.ts';
import { chargeLines } from '../../src/metering/charge-lines.ts';
import { writeUsage } from '../../src/store/sql/usage-json.ts';
import type { SteppedStore } from '../ledger/stepped-stores.ts';
import { brokenRules } from '../ledger/live.ts';
import type { Try } from './caller.ts';
import { endStateOf } from './end-states.ts';
import type { EndState } from './end-states.ts';
import type { Story } from './simulate.ts';
import { priceLists } from './world.ts';

export interface Verdict {
  /** Empty where everything is right. */
  readonly violations: readonly string[];
  /** What is known to be wrong, and not mended yet. */
  readonly gaps: readonly Gap[];
  /** How its requests ended. */
  readonly endStates: readonly EndState[];
}

export interface Gap {
  readonly kind: 'replay above its hold' | 'charge for an error' | 'release after the settlement of an empty answer';
  readonly words: string;
}

/** One request with all that is known of it: from outside, on the disk, and at the hosts. */
export interface Case {
  readonly seen: Try;
  readonly hold: StoredHold | undefined;
  readonly record: RequestRecord | undefined;
  readonly works: Story['works'];
}

/** Holds the books against what callers saw and hosts did. */
export async function judge(story: Story, books: Pick<SteppedStore, 'sql' | 'rows' | 'rowsOfEach'>): Promise<Verdict> {
  const violations: string[] = [...story.leftovers, ...(await brokenRules(books))];
  const cases = await Promise.all(story.tries.map((seen) => caseOf(story, seen)));
  const endStates: EndState[] = [];
  for (const each of cases) {
    const endState = endStateOf(each);
    if (endState === undefined) violations.push(`${each.seen.requestId} ended in no way that there is: ${inWords(each)}`);
    else endStates.push(endState);
    violations.push(...wrongCharges(each));
  }
  violations.push(...chargedTwice(cases), ...wrongReplays(cases).violations);
  const gaps = [...wrongReplays(cases).gaps, ...cases.flatMap(chargedForError)];
  for (const alarm of story.alarms) {
    // Hosts that talk nonsense are alarmed. Everything else should never happen.
    if (alarm.kind === 'bill' && alarm.flaw === 'above-hold') continue;
    const words = `alarm: ${alarm.kind} for ${alarm.requestId}`;
    if (isEmptyAnswer(alarm, cases)) gaps.push({ kind: 'release after the settlement of an empty answer', words });
    else violations.push(words);
  }
  for (const row of await books.rows(`SELECT COALESCE(-SUM(amount), 0) AS debited FROM entries
    WHERE kind IN ('usage', 'late') AND account_id = 'customer'`)) {
    const charged = cases.reduce((sum, { hold }) => sum + (hold?.charged ?? 0n), 0n);
    if (row['debited'] !== charged)
      violations.push(`I11: ${String(row['debited'])} were debited, and ${charged} were charged to requests`);
  }
  return { violations, gaps, endStates };
}

async function caseOf({ store, works }: Story, seen: Try): Promise<Case> {
  const { requestId } = seen;
  const [hold, record] = await Promise.all([store.findHold(requestId), store.findRecord(requestId)]);
  return { seen, hold, record, works: works.filter((work) => work.requestId === requestId) };
}

function wrongCharges(each: Case): readonly string[] {
  const { seen, hold, record, works } = each;
  const { requestId, end } = seen;
  const wrong = (words: string): readonly string[] => [`${requestId} ${words}: ${inWords(each)}`];
  const inBooks = hold?.state === 'void' ? 0n : hold?.state === 'posted' ? hold.charged : undefined;
  if (end.kind === 'complete' && !seen.replayed && inBooks !== end.bill.total) {
    return wrong('was told a cost that is not in the books');
  }
  if (hold !== undefined && hold.path.join() !== pathOf(seen).join()) return wrong(`took from ${hold.path.join(', ')} only`);
  if (hold?.state !== 'posted') return [];
  const { bill, usage, call } = record ?? {};
  if (bill === undefined || usage === undefined || call === undefined) return wrong('was charged without a record');
  if (bill.priceListId !== seen.priceListId) return wrong('was settled at other prices than it was admitted under');
  const list = priceLists.find(({ id }) => id === bill.priceListId);
  if (list === undefined || !isDeepStrictEqual(storable(chargeLines(usage, list)), bill)) {
    return wrong('I5: was billed what its usage does not cost');
  }
  if (bill.lines.reduce((sum, { amount }) => sum + amount, 0n) !== bill.total) return wrong('has lines that do not add up');
  const owed = bill.total < hold.amount ? bill.total : hold.amount;
  if (hold.charged !== owed) return wrong(`was charged ${hold.charged} in place of ${owed}`);
  const winner = works.findLast(({ provider }) => provider === call.provider);
  if (winner === undefined) return wrong('was charged although no host worked for it');
  if (winner.said === '' && record?.outcome !== 'complete') return wrong('was charged although its host said nothing');
  if (usage.estimated === true) {
    if ((usage.output.total ?? 0) > winner.said.length) return wrong('was charged for words that nobody said');
  } else if (!winner.told.some((told) => writeUsage(told) === writeUsage(usage))) {
    return wrong('was charged for a usage that its host never told');
  }
  return [];
}

function pathOf({ caller }: Try): readonly string[] {
  const { accountId, budgetId } = caller;
  return ['customer', ...(accountId === 'customer' ? [] : [accountId]), ...(budgetId === undefined ? [] : [budgetId])];
}

/** An idempotency key is a caller's word that it is one request. */
function chargedTwice(cases: readonly Case[]): readonly string[] {
  const posted = cases.filter(({ seen, hold }) => seen.key !== undefined && hold?.state === 'posted');
  const byKey = Map.groupBy(posted, ({ seen }) => `${seen.caller.accountId} ${seen.key}`);
  return [...byKey]
    .filter(([, charged]) => charged.length > 1)
    .map(([key, charged]) => `${key} was charged twice: ${charged.map(({ seen }) => seen.requestId).join(', ')}`);
}

function wrongReplays(cases: readonly Case[]): Pick<Verdict, 'violations' | 'gaps'> {
  const violations: string[] = [];
  const gaps: Gap[] = [];
  for (const { seen, hold } of cases) {
    if (!seen.replayed || seen.end.kind !== 'complete') continue;
    const { requestId, end, text } = seen;
    const first = cases.find((other) => isFirstOf(other, seen));
    if (first === undefined) violations.push(`${requestId} was a replay of nothing`);
    if (hold !== undefined) violations.push(`${requestId} was a replay and held credits`);
    if (first === undefined) continue;
    const told = `the replay ${requestId} told ${end.bill.total}, and ${first.seen.requestId} was charged ${first.hold?.charged}`;
    const isAboveHold = (first.record?.bill?.total ?? 0n) > (first.hold?.amount ?? 0n);
    if (first.hold?.charged !== end.bill.total) {
      if (isAboveHold) gaps.push({ kind: 'replay above its hold', words: told });
      else violations.push(told);
    }
    if (first.seen.end.kind === 'complete' && first.seen.text !== text)
      violations.push(`the replay ${requestId} said something else`);
  }
  return { violations, gaps };
}

function isFirstOf({ seen, hold }: Case, { key, caller }: Try): boolean {
  return seen.key === key && seen.caller.accountId === caller.accountId && hold?.state === 'posted';
}

/** An answer without a word whose host says that it failed is insured, whatever the host counts. */
function chargedForError({ seen, hold, works }: Case): readonly Gap[] {
  if (works.at(-1)?.endedInError !== true || (hold?.charged ?? 0n) === 0n) return [];
  const words = `${seen.requestId} was charged ${hold?.charged} for an answer that ended in an error before its first word`;
  return [{ kind: 'charge for an error', words }];
}

/** A complete answer without a word, whose settlement was not heard of: the exchange then tries to release it, and the ledger refuses. */
function isEmptyAnswer(alarm: LedgerAlarm, cases: readonly Case[]): boolean {
  if (alarm.kind !== 'ended-twice' || alarm.attempted !== 'void' || alarm.state !== 'posted') return false;
  return cases.some(({ seen, works }) => seen.requestId === alarm.requestId && works.at(-1)?.said === '');
}

function inWords({ seen, hold, record, works }: Case): string {
  const { end, begun, replayed, key } = seen;
  const words = {
    seen: end.kind === 'fault' ? end.code : end.kind,
    ...(end.kind === 'complete' ? { told: end.bill.total } : {}),
    begun,
    replayed,
    key,
    hold: hold && `${hold.state} of ${hold.epochId}, ${hold.charged ?? '-'} of ${hold.amount}`,
    record: record && {
      outcome: record.outcome,
      billed: record.bill?.total,
      usage: record.usage,
      provider: record.call?.provider,
    },
    works: works.map(({ provider, said, told, ended }) => ({ provider, said: said.length, told: told.length, ended })),
  };
  return JSON.stringify(words, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}
