import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeDatabase } from '../../../tests/support/postgres/database.ts';
import type { TestDatabase } from '../../../tests/support/postgres/database.ts';
import { query } from '../sql/statement.ts';
import type { Operation } from '../sql/statement.ts';
import { PostgresConnection, usualLimits } from './postgres-connection.ts';

let database: TestDatabase;
let connection: PostgresConnection;

beforeEach(async () => {
  database = await makeDatabase();
  connection = await PostgresConnection.open({ url: database.url, limits: usualLimits });
  await database.run('CREATE TABLE notes (id BIGINT PRIMARY KEY, text TEXT)');
});
afterEach(async () => {
  await connection.close();
  await database.drop();
});

const lost = { name: 'ConnectionLost' };

function* write(id: bigint): Operation<string> {
  yield* query('INSERT INTO notes VALUES ($1, $2)', id, 'text');
  return `written ${id}`;
}

async function notes(): Promise<readonly unknown[]> {
  return (await database.run('SELECT id FROM notes ORDER BY id')).map((row) => row['id']);
}

test('an operation is whole or not there', async () => {
  expect(await connection.transact(write(1n))).toBe('written 1');
  function* twice(): Operation<void> {
    yield* write(2n);
    yield* write(1n);
  }
  await expect(connection.transact(twice())).rejects.toMatchObject({ code: '23505' });
  function* unhappy(): Operation<void> {
    yield* write(3n);
    throw new Error('changed its mind');
  }
  await expect(connection.transact(unhappy())).rejects.toThrow('changed its mind');
  expect(connection.isLost).toBe(false);
  expect(await connection.transact(write(4n))).toBe('written 4');
  expect(await notes()).toEqual(['1', '4']);
});

test('a statement outside a transaction never writes', async () => {
  const writing = { text: 'INSERT INTO notes VALUES ($1, $2)', values: [1n, 'x'] };
  await expect(connection.rows(writing)).rejects.toMatchObject({ ...lost, message: expect.stringContaining('read-only') });
  expect(await notes()).toEqual([]);
});

test('when the connection breaks between two statements, nothing of either is kept, and the connection is not used again', async () => {
  function* cut(): Operation<void> {
    yield* write(1n);
    yield* query('SELECT pg_terminate_backend(pg_backend_pid())');
    yield* write(2n);
  }
  await expect(connection.transact(cut())).rejects.toMatchObject(lost);
  expect(connection.isLost).toBe(true);
  await expect(connection.transact(write(3n))).rejects.toMatchObject(lost);
  await expect(connection.rows({ text: 'SELECT 1', values: [] })).rejects.toMatchObject(lost);
  expect(await notes()).toEqual([]);
});

test('a transaction that the server gave up silently is not taken for committed', async () => {
  function* overlook(): Operation<string> {
    yield* write(1n);
    yield* query('ROLLBACK');
    return 'written';
  }
  await expect(connection.transact(overlook())).rejects.toMatchObject(lost);
  expect(await notes()).toEqual([]);
});

describe('a host that is no PostgreSQL', () => {
  let host: Server;
  let sockets: Socket[];

  async function open(behave: (socket: Socket) => void): Promise<PostgresConnection> {
    sockets = [];
    host = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      behave(socket);
    });
    await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
    const address = host.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return PostgresConnection.open({ url: `postgres://a:b@127.0.0.1:${port}/c`, limits: { ...usualLimits, connectMs: 200 } });
  }
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => host.close(resolve));
  });

  test.each([
    ['says nothing', () => undefined],
    ['closes at once', (socket: Socket) => void socket.destroy()],
    ['says something else', (socket: Socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ])('that %s is given up', async (_, behave) => {
    await expect(open(behave)).rejects.toMatchObject(lost);
  });
});
