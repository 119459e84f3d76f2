import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../model/json.ts';
import { createLedger } from '../ledger/create-ledger.ts';
import { createMemoryStore } from '../store/memory/create-memory-store.ts';
import type { Store } from '../store/store.ts';
import { createSessions, currentObject, largestResponse } from './create-sessions.ts';
import type { KeptResponse } from './kept-response.ts';
import type { Sessions } from './sessions.ts';

const day = 86_400_000;
const time = { now: 1_700_000_000_000 };
const accountId = 'customer';

let store: Store;
let sessions: Sessions;
let ids = 0;

beforeEach(async () => {
  time.now = 1_700_000_000_000;
  const clock = { now: () => time.now, ticks: () => 0 };
  store = createMemoryStore({ clock, epochId: 'boot_1' });
  const ledger = createLedger(store.ledger, { clock, onAlarm: () => undefined });
  await ledger.openAccount({ id: accountId, limit: 'none' });
  sessions = createSessions({
    store: store.sessions,
    clock,
    newId: (prefix) => `${prefix}_${String(++ids).padStart(8, '0')}`,
    keepMs: 30 * day,
    keepsUnasked: true,
  });
});
afterEach(() => store.close());

function message(text: string, id?: string): JsonObject {
  return { type: 'message', role: 'user', content: [{ type: 'input_text', text }], ...(id === undefined ? {} : { id }) };
}

async function keep(id: string, previousId?: string, text = 'said'): Promise<void> {
  const object = { id, object: 'response', status: 'completed', output: [message(`answer of ${id}`, `msg_${id}`)] };
  const isNew = await sessions.keep({
    accountId,
    own: [message(text)],
    object,
    ...(previousId === undefined ? {} : { previousId }),
  });
  expect(isNew).toBe(true);
}

function before(previousId: string): Promise<readonly JsonObject[]> {
  return sessions.input({ accountId, input: undefined, previousId }).then((input) => input.before);
}

function textsOf(items: readonly JsonObject[]): readonly unknown[] {
  return items.map(({ content }) => (Array.isArray(content) ? Object(content[0])['text'] : undefined));
}

describe('a chain of responses', () => {
  test('is all inputs and outputs, the oldest first', async () => {
    await keep('resp_1', undefined, 'one');
    await keep('resp_2', 'resp_1', 'two');
    await keep('resp_3', 'resp_2', 'three');
    const said = ['one', 'answer of resp_1', 'two', 'answer of resp_2', 'three', 'answer of resp_3'];
    expect(textsOf(await before('resp_3'))).toEqual(said);
    expect(textsOf(await before('resp_1'))).toEqual(said.slice(0, 2));
  });

  test('may have 1,000 responses and no more', async () => {
    await keep('resp_0');
    for (let number = 1; number < 1_000; number++) await keep(`resp_${number}`, `resp_${number - 1}`);
    expect(await before('resp_999')).toHaveLength(2_000);
    await keep('resp_1000', 'resp_999');
    await expect(before('resp_1000')).rejects.toMatchObject({
      code: 'invalid_request',
      param: 'previous_response_id',
      message: expect.stringContaining('more than 1000 responses'),
    });
  });

  test('may have 32 MB and no more', async () => {
    const text = 'x'.repeat(7 * 1024 * 1024);
    await keep('resp_0', undefined, text);
    for (let number = 1; number < 4; number++) await keep(`resp_${number}`, `resp_${number - 1}`, text);
    expect(await before('resp_3')).toHaveLength(8);
    await keep('resp_4', 'resp_3', text);
    await expect(before('resp_4')).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('too long'),
    });
  });

  test('breaks where one of it is removed', async () => {
    await keep('resp_1');
    await keep('resp_2', 'resp_1');
    await sessions.removeResponse(accountId, 'resp_1');
    await expect(before('resp_2')).rejects.toMatchObject({
      code: 'previous_response_not_found',
      message: expect.stringContaining('resp_1'),
    });
  });

  test('is kept as long as it is gone on from', async () => {
    await keep('resp_1');
    for (let number = 2; number < 6; number++) {
      time.now += 20 * day;
      await before(`resp_${number - 1}`);
      await keep(`resp_${number}`, `resp_${number - 1}`);
      await sessions.prune();
    }
    expect(await before('resp_5')).toHaveLength(10);
  });
});

test('a response that nobody used for the time that it is kept is forgotten, with its items', async () => {
  await keep('resp_1');
  time.now += 30 * day - 1;
  expect(await sessions.response(accountId, 'resp_1')).toMatchObject({ id: 'resp_1' });
  time.now += 1;
  await expect(sessions.response(accountId, 'resp_1')).rejects.toMatchObject({ code: 'not_found' });
  const reference = { type: 'item_reference', id: 'msg_resp_1' };
  await expect(sessions.input({ accountId, input: [reference] })).rejects.toMatchObject({ code: 'not_found', param: 'input[0]' });
  expect(await sessions.prune()).toBe(1);
  expect(await sessions.prune()).toBe(0);
});

test('a conversation is kept from its last use on', async () => {
  const { id } = await sessions.openConversation(accountId, {}, [message('one')]);
  time.now += 20 * day;
  await sessions.addConversationItems(accountId, id, [message('two')]);
  time.now += 20 * day;
  await sessions.prune();
  expect((await sessions.conversationItems(accountId, id, 'all')).items).toHaveLength(2);
  time.now += 20 * day;
  await expect(sessions.conversation(accountId, id)).rejects.toMatchObject({ code: 'not_found' });
  expect(await sessions.prune()).toBe(1);
});

test('a response of more than 8 MB is not kept, and says so', async () => {
  const object = { id: 'resp_1', object: 'response', status: 'completed', output: [] };
  const own = [message('x'.repeat(largestResponse))];
  await expect(sessions.keep({ accountId, own, object })).rejects.toMatchObject({ code: 'body_too_large' });
  await expect(sessions.response(accountId, 'resp_1')).rejects.toMatchObject({ code: 'not_found' });
});

test('a response is kept once', async () => {
  await keep('resp_1');
  const object = { id: 'resp_1', object: 'response', status: 'failed', output: [] };
  expect(await sessions.keep({ accountId, own: [], object })).toBe(false);
  expect(await sessions.response(accountId, 'resp_1')).toMatchObject({ status: 'completed' });
});

test('items without an id get one, others keep theirs', async () => {
  await keep('resp_1');
  const object = { id: 'resp_2', object: 'response', status: 'completed', output: [] };
  const own = [
    message('mine', 'msg_mine'),
    { role: 'assistant', content: 'short' },
    { type: 'function_call_output', call_id: 'c', output: '' },
  ];
  await sessions.keep({ accountId, own, object });
  const { items } = await sessions.inputItems(accountId, 'resp_2', { order: 'asc', limit: 10 });
  expect(items.map(({ id }) => id)).toEqual(['msg_mine', 'msg_resp_2_in1', 'fco_resp_2_in2']);
  expect(items[1]).toMatchObject({ type: 'message', status: 'completed', content: [{ type: 'output_text', text: 'short' }] });
});

test('what a connection remembers goes before what is kept', async () => {
  const items = [message('remembered')];
  const input = await sessions.input({ accountId, input: 'next', previousId: 'resp_x', recall: () => items });
  expect(input.before).toEqual(items);
  expect(input.own).toHaveLength(1);
});

test('a server that keeps nothing says so where something would have to be kept', async () => {
  const clock = { now: () => time.now };
  const none = createSessions({ store: store.sessions, clock, newId: (prefix) => prefix, keepMs: 0, keepsUnasked: true });
  expect(none).toMatchObject({ keeps: false, keepsUnasked: false });
  await expect(none.openConversation(accountId, {}, [])).rejects.toMatchObject({ code: 'unsupported_value' });
});

test('a response whose process died tells that it failed, one that was cancelled that it was', () => {
  const object = { id: 'resp_1', object: 'response', status: 'queued', error: null };
  const kept: Omit<KeptResponse, 'status'> = {
    id: 'resp_1',
    accountId,
    createdAt: 1,
    expiresAt: 2,
    object,
    input: [],
    output: [],
  };
  expect(currentObject({ ...kept, status: 'failed' })).toMatchObject({ status: 'failed', error: { code: 'server_error' } });
  expect(currentObject({ ...kept, status: 'cancelled' })).toMatchObject({ status: 'cancelled', error: null, output: [] });
});
