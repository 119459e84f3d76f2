import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLedger, type LedgerAlarm } from '../../src/ledger/create-ledger.ts';
import type { LedgerRecords } from '../../src/ledger/ledger-records.ts';
import type { LedgerAdmin } from '../../src/ledger/ledger-admin.ts';
import type { Ledger, Settlement } from '../../src/ledger/ledger.ts';
import type { CallFacts, UsageFilter, UsageGrouping } from '../../src/ledger/request-record.ts';
import { csvText, usageReport, usageReportColumns } from '../../src/ledger/usage-report.ts';
import type { Store } from '../../src/store/store.ts';
import { storeKinds } from './stores.ts';
import type { StorePlace } from './stores.ts';

const day = 86_400_000;
const noon = Date.UTC(2026, 10, 20, 12);

function callOf(answerId: string, changes: Partial<CallFacts> = {}): CallFacts {
  return {
    answerId,
    keyId: 'key_1',
    namedModel: 'alibaba/m',
    answeringModel: 'm',
    provider: 'p1',
    attempts: [
      { provider: 'p0', model: 'theirs', durationMs: 3, fault: 'upstream_failed' },
      { provider: 'p1', model: 'theirs', durationMs: 40 },
    ],
    streamed: true,
    createdAt: noon - 43,
    firstTokenMs: 12,
    totalMs: 43,
    finishReason: 'tool-calls',
    ...changes,
  };
}

function settlement(total: bigint, call: CallFacts): Settlement {
  const rate = { usd: '0.40', per: 1_000_000 };
  const lines = [
    { meter: 'output-text', quantity: 12, rate, amount: total - 1n },
    { meter: 'tool:web_search', quantity: 2, rate, amount: 1n },
  ] as const;
  const usage = {
    input: { total: 5, cacheRead: 2 },
    output: { total: 12, reasoning: 7 },
    toolCalls: { web_search: 2 },
  };
  return { bill: { lines, total, priceListId: 'list@1' }, usage, outcome: 'complete', call };
}

describe.each(storeKinds)('records on $kind', ({ makePlace }) => {
  let place: StorePlace;
  let store: Store;
  let now: number;
  let alarms: LedgerAlarm[];
  let ledger: Ledger & LedgerAdmin & LedgerRecords;

  beforeEach(async () => {
    now = noon;
    alarms = [];
    place = await makePlace();
    store = await place.open('boot_1');
    ledger = createLedger(store.ledger, { clock: { now: () => now }, onAlarm: (alarm) => alarms.push(alarm) });
    await ledger.openAccount({ id: 'mine', limit: 'none' });
    await ledger.openAccount({ id: 'theirs', limit: 'none' });
  });
  afterEach(async () => {
    expect(alarms).toEqual([]);
    await store.close();
    await place.remove();
  });

  async function spend(requestId: string, total: bigint, changes: Partial<CallFacts> = {}, accountId = 'mine'): Promise<void> {
    const hold = await ledger.hold({ requestId, accountId, amount: 2_000n, expiresAt: now + 60_000 });
    await ledger.settle(hold, settlement(total, callOf(`gen_${requestId}`, changes)));
  }

  test('what has no group comes first', async () => {
    await spend('req_1', 9n);
    const hold = await ledger.hold({ requestId: 'req_2', accountId: 'mine', amount: 2_000n, expiresAt: now + 60_000 });
    const { call: _, ...withoutCall } = settlement(5n, callOf('gen_req_2'));
    await ledger.settle(hold, withoutCall);
    const sums = await ledger.usage({ accountId: 'mine', groupBy: 'model', from: 0, until: now + 1 });
    expect(sums.map(({ group, charged }) => ({ group, charged }))).toEqual([
      { group: undefined, charged: 5n },
      { group: 'm', charged: 9n },
    ]);
  });

  test('a settled call is found by its request and by its answer, with all that is known of it', async () => {
    await spend('req_1', 9n);
    const record = await ledger.requestRecord('req_1');
    expect(record).toEqual({
      requestId: 'req_1',
      accountId: 'mine',
      charged: 9n,
      at: noon,
      ...settlement(9n, callOf('gen_req_1')),
    });
    expect(await ledger.answerRecord('gen_req_1')).toEqual(record);
    expect(await ledger.answerRecord('gen_none')).toBeUndefined();
  });

  test('a call of which nothing came is recorded with its release, costs nothing, and is no usage record', async () => {
    const hold = await ledger.hold({ requestId: 'req_1', accountId: 'mine', amount: 9n, expiresAt: now + 60_000 });
    const { firstTokenMs: _, finishReason: __, ...call } = callOf('gen_1', { fault: 'upstream_failed' });
    await ledger.void(hold, { outcome: 'failed', call });
    await ledger.void(hold, { outcome: 'aborted', call });
    expect(await ledger.answerRecord('gen_1')).toEqual({
      requestId: 'req_1',
      accountId: 'mine',
      outcome: 'failed',
      charged: 0n,
      at: noon,
      call,
    });
    expect(await ledger.usageRecord('req_1')).toBeUndefined();
  });

  test('records are paged from the newest to the oldest, without gap or repetition, also within one millisecond', async () => {
    for (const [index, requestId] of ['req_a', 'req_b', 'req_c', 'req_d', 'req_e'].entries()) {
      now = noon + Math.floor(index / 2);
      await spend(requestId, 9n);
    }
    await spend('req_x', 9n, {}, 'theirs');
    const seen: string[] = [];
    let page = await ledger.requestRecords({ accountId: 'mine', limit: 2 });
    while (page.length > 0) {
      seen.push(...page.map(({ requestId }) => requestId));
      const before = page.at(-1);
      page = before === undefined ? [] : await ledger.requestRecords({ accountId: 'mine', limit: 2, before });
    }
    expect(seen).toEqual(['req_e', 'req_d', 'req_c', 'req_b', 'req_a']);
  });

  test('usage is summed by model, key, day and tool: own account only, from included, until not', async () => {
    await spend('req_1', 9n);
    await spend('req_2', 20n, { answeringModel: 'n', keyId: 'key_2' });
    now += day;
    await spend('req_3', 5n, { keyId: 'key_2' });
    await spend('req_4', 100n, {}, 'theirs');
    const rows = async (groupBy: 'model' | 'key' | 'day' | 'tool', from = noon, until = noon + day + 1) =>
      (await usageReport(ledger, { accountId: 'mine', groupBy, from, until })).map((row) => [
        row[groupBy],
        row['requests'],
        row['cost_nano_usd'],
      ]);
    expect(await rows('model')).toEqual([
      ['m', 2, '14'],
      ['n', 1, '20'],
    ]);
    expect(await rows('key')).toEqual([
      ['key_1', 1, '9'],
      ['key_2', 2, '25'],
    ]);
    expect(await rows('day')).toEqual([
      ['2026-11-20', 2, '29'],
      ['2026-11-21', 1, '5'],
    ]);
    expect(await rows('tool')).toEqual([['web_search', 3, '3']]);
    expect(await rows('model', noon, noon + day)).toEqual([
      ['m', 1, '9'],
      ['n', 1, '20'],
    ]);
    expect(await rows('tool', noon + 1)).toEqual([['web_search', 1, '1']]);
    const ofKey = await ledger.usage({ accountId: 'mine', keyId: 'key_2', groupBy: 'model', from: 0, until: now + 1 });
    expect(ofKey).toEqual([
      { group: 'm', requests: 1, inputTokens: 5, cacheReadTokens: 2, outputTokens: 12, reasoningTokens: 7, charged: 5n },
      { group: 'n', requests: 1, inputTokens: 5, cacheReadTokens: 2, outputTokens: 12, reasoningTokens: 7, charged: 20n },
    ]);
  });

  test('whose call it was and what it was for is kept as it was said, in its order', async () => {
    const told = { endUser: 'größe "x"', tags: ['team:ö', "it's", 'team:ö'], usedOwnKey: false } as const;
    await spend('req_1', 9n, told);
    await spend('req_2', 9n, { tags: [], usedOwnKey: true });
    await spend('req_3', 9n);
    expect((await ledger.requestRecord('req_1'))?.call).toEqual(callOf('gen_req_1', told));
    expect((await ledger.answerRecord('gen_req_2'))?.call).toEqual(callOf('gen_req_2', { tags: [], usedOwnKey: true }));
    const [newest] = await ledger.requestRecords({ accountId: 'mine', limit: 1 });
    expect(newest?.call).toEqual(callOf('gen_req_3'));
  });

  test('usage is summed by user, tag, provider, credential and hour; what a call did not say comes first', async () => {
    await spend('req_1', 9n, { endUser: 'ann', tags: ['chat', 'beta'], usedOwnKey: true });
    await spend('req_2', 20n, { endUser: 'bob', tags: ['chat', 'chat'], usedOwnKey: false, provider: 'p2' });
    now += 3_600_000;
    await spend('req_3', 5n, { endUser: 'ann', provider: '' });
    await spend('req_4', 100n, { endUser: 'ann', tags: ['chat'] }, 'theirs');
    const sums = async (groupBy: UsageGrouping, filter: UsageFilter = {}) =>
      (await ledger.usage({ accountId: 'mine', groupBy, from: 0, until: now + 1, ...filter })).map(
        ({ group, requests, charged }) => [group, requests, charged],
      );
    expect(await sums('user')).toEqual([
      ['ann', 2, 14n],
      ['bob', 1, 20n],
    ]);
    expect(await sums('tag')).toEqual([
      [undefined, 1, 5n],
      ['beta', 1, 9n],
      ['chat', 2, 29n],
    ]);
    expect(await sums('provider')).toEqual([
      [undefined, 1, 5n],
      ['p1', 1, 9n],
      ['p2', 1, 20n],
    ]);
    expect(await sums('credential')).toEqual([
      ['byok', 1, 9n],
      ['system', 2, 25n],
    ]);
    expect(await sums('hour')).toEqual([
      ['2026-11-20T12:00:00.000Z', 2, 29n],
      ['2026-11-20T13:00:00.000Z', 1, 5n],
    ]);
  });

  test('a tag is found whole, in its own letters, whatever stands beside it', async () => {
    const tags = ['a', 'A', 'ab', 'a,b', '"a"', '%', '_', '\\', "'; --", 'ö', '\u{1f600}', '\uffee'];
    for (const [index, tag] of tags.entries()) {
      await spend(`req_${index}`, BigInt(index + 1), { tags: index % 2 === 0 ? [tag, 'all', tag] : ['all', tag] });
    }
    const span = { accountId: 'mine', from: 0, until: now + 1 };
    for (const [index, tag] of tags.entries()) {
      const sums = await ledger.usage({ ...span, groupBy: 'day', tags: [tag] });
      expect(
        sums.map(({ charged }) => charged),
        tag,
      ).toEqual([BigInt(index + 1)]);
    }
    const byTag = await ledger.usage({ ...span, groupBy: 'tag' });
    const inOrder = [...tags, 'all'].toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
    expect(byTag.map(({ group }) => group)).toEqual(inOrder);
    expect(byTag.find(({ group }) => group === 'all')).toMatchObject({ requests: tags.length, inputTokens: 5 * tags.length });
  });

  test.each<[string, UsageFilter, bigint | undefined]>([
    ['user', { endUser: 'ann' }, 14n],
    ['provider', { provider: 'p2' }, 20n],
    ['model', { model: 'n' }, 5n],
    ['tag', { tags: ['chat'] }, 29n],
    ['tags, all of them', { tags: ['chat', 'beta', 'chat'] }, 9n],
    ['tags that no call has together', { tags: ['chat', 'gamma'] }, undefined],
    ['own keys', { usedOwnKey: true }, 9n],
    ["the server's keys", { usedOwnKey: false }, 25n],
    ['several of them', { endUser: 'ann', usedOwnKey: false, model: 'm' }, undefined],
  ])('a sum may be of a part only: %s', async (_, filter, charged) => {
    await spend('req_1', 9n, { endUser: 'ann', tags: ['chat', 'beta'], usedOwnKey: true });
    await spend('req_2', 20n, { endUser: 'bob', tags: ['chat'], provider: 'p2' });
    await spend('req_3', 5n, { endUser: 'ann', answeringModel: 'n' });
    const sums = await ledger.usage({ accountId: 'mine', groupBy: 'day', from: 0, until: now + 1, ...filter });
    expect(sums.map((sum) => sum.charged)).toEqual(charged === undefined ? [] : [charged]);
  });

  test('a report is a table of text and numbers, and its CSV has every column also where nothing was used', async () => {
    await spend('req_1', 1_500n, { answeringModel: 'say "m", please' });
    const rows = await usageReport(ledger, { accountId: 'mine', groupBy: 'model', from: 0, until: now + 1 });
    expect(csvText(usageReportColumns('model'), rows)).toBe(
      'model,requests,input_tokens,cache_read_tokens,output_tokens,reasoning_tokens,cost_nano_usd,cost_usd\r\n' +
        '"say ""m"", please",1,5,2,12,7,1500,0.0000015\r\n',
    );
    expect(csvText(usageReportColumns('tool'), [])).toBe('tool,requests,calls,cost_nano_usd,cost_usd\r\n');
  });
});
