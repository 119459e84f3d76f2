import { expect, test } from 'vitest';
import type { Row, Statement } from '../sql/statement.ts';
import { checkServer } from './check-server.ts';

const good: Row = {
  version: '15.4',
  version_number: 150_004n,
  encoding: 'UTF8',
  fsync: 'on',
  synchronous_commit: 'on',
  read_only: 'on',
  is_standby: 0n,
};

async function check(changes: Row): Promise<readonly string[]> {
  const said: string[] = [];
  const rows = async ({ text }: Statement): Promise<readonly Row[]> => {
    said.push(text);
    return said.length === 1 ? [{ ...good, ...changes }] : [];
  };
  await checkServer({ rows });
  return said.slice(1);
}

test('a server that keeps what it acknowledges is taken as it is', async () => {
  expect(await check({})).toEqual([]);
  expect(await check({ synchronous_commit: 'remote_apply' })).toEqual([]);
});

test('a server that acknowledges before its disk has it is told to wait', async () => {
  expect(await check({ synchronous_commit: 'off' })).toEqual(['SET synchronous_commit = on']);
});

test.each([
  [{ version: '14.9', version_number: 140_009n }, 'PostgreSQL 14.9, and flashmux needs 15 or later'],
  [{ encoding: 'SQL_ASCII' }, 'encoded as SQL_ASCII'],
  [{ fsync: 'off' }, 'set fsync = on'],
  [{ read_only: 'off' }, 'default_transaction_read_only'],
])('%o is refused with what would be right', async (changes, words) => {
  await expect(check(changes)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(words) });
});

test('a standby may become the primary, so it is tried again', async () => {
  await expect(check({ is_standby: 1n })).rejects.toMatchObject({ name: 'ConnectionLost' });
});
