import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeDatabase } from '../support/postgres/database.ts';
import { runFlashmux, startFlashmux, stopFlashmux, temporaryHome, type Ended } from '../cli/flashmux-process.ts';

type Home = Awaited<ReturnType<typeof temporaryHome>>;

let first: Home;
let second: Home;
beforeEach(async () => {
  [first, second] = [await temporaryHome(), await temporaryHome()];
});
afterEach(async () => {
  await first.remove();
  await second.remove();
});

const flashmux = ({ home }: Home, ...words: string[]): Promise<Ended> => runFlashmux(words, { home });

test('a laptop is backed up while its server runs, and another one serves the same keys and balances', async () => {
  const file = path.join(second.home, 'laptop.backup');
  const server = startFlashmux(['serve'], { home: first.home, environment: { FLASHMUX_ENGINE__ENABLED: 'false' } });
  let key: string | undefined;
  try {
    [, key] = await server.sees(/API key, shown only now: (\S+)/);
    await flashmux(first, 'accounts', 'create', 'acme', '--prepaid');
    await flashmux(first, 'credits', 'grant', '9007199.254740993', '--account', 'acme', '--ref', 'invoice');
    expect(await flashmux(first, 'backup', file, '--with-pepper')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/: 2 accounts, 1 entries, 0 holds, 0 request records, 1 keys\.\n$/),
      stderr: '',
    });
  } finally {
    await stopFlashmux(server);
  }
  expect(statSync(file).mode & 0o777).toBe(0o600);

  const restored = await flashmux(second, 'restore', file, '--json');
  expect({ code: restored.code, stderr: restored.stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(restored.stdout)).toMatchObject({ file, rows: { accounts: 2, entries: 1, api_keys: 1 } });
  expect((await flashmux(second, 'credits', 'balance', '--account', 'acme')).stdout).toMatch(
    /^available +\$9007199\.254740993$/m,
  );
  const again = startFlashmux(['serve'], { home: second.home, environment: { FLASHMUX_ENGINE__ENABLED: 'false' } });
  try {
    const [, url] = await again.sees(/listens on (\S+)/);
    const answer = await fetch(`${url}/v1/key`, { headers: { authorization: `Bearer ${key}` } });
    expect(answer.status).toBe(200);
  } finally {
    await stopFlashmux(again);
  }
});

test('without its pepper a backup is told to need it, and so is what was restored from it', async () => {
  await flashmux(first, 'keys', 'create', '--name', 'laptop');
  const pepper = readFileSync(path.join(first.home, 'pepper'), 'utf8').trim();
  const file = path.join(first.home, 'a.backup');
  const backedUp = await flashmux(first, 'backup', 'a.backup', '--json');
  expect(JSON.parse(backedUp.stdout)).toMatchObject({ file, database: 'sqlite', with_pepper: false, rows: { api_keys: 1 } });
  expect(backedUp.stderr).toContain(path.join(first.home, 'pepper'));
  expect(readFileSync(file).includes(pepper)).toBe(false);

  const restored = await flashmux(second, 'restore', file);
  expect(restored.code).toBe(0);
  expect(restored.stdout).toMatch(
    /^Restored the backup of \d{4}-.*: 1 accounts, 0 entries, 0 holds, 0 request records, 1 keys\.\n$/,
  );
  expect(restored.stderr).toContain(`Copy yours to ${path.join(second.home, 'pepper')}`);
  expect(existsSync(path.join(second.home, 'pepper'))).toBe(false);
});

test.each([
  ['a backup of nothing', ['backup', 'a.backup'], 1, /There is no data file .* --home/],
  ['a backup without a name', ['backup'], 2, /missing required argument 'file'/],
  ['a pepper that is not there', ['backup', 'a.backup', '--with-pepper'], 1, /There is no pepper file/],
  ['a restore of what is not there', ['restore', 'a.backup'], 1, /There is no file .*a\.backup/],
])('%s is refused with a sentence, and makes nothing', async (_, words, code, complaint) => {
  const ended = await flashmux(first, ...words);
  expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: '' });
  expect(ended.stderr).toMatch(complaint);
  expect(existsSync(path.join(first.home, 'flashmux.db'))).toBe(false);
  expect(existsSync(path.join(first.home, 'a.backup'))).toBe(false);
});

test('a data folder that is in use is not restored into', async () => {
  await flashmux(first, 'keys', 'create');
  await flashmux(first, 'backup', 'a.backup');
  expect(await flashmux(first, 'restore', 'a.backup')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/There is data already: .*flashmux\.db with 1 accounts, 0 entries and 1 keys/),
  });
});

test('a laptop goes up to PostgreSQL: the same commands, with DATABASE_URL', async () => {
  await flashmux(first, 'accounts', 'create', 'acme', '--prepaid');
  await flashmux(first, 'credits', 'grant', '5', '--account', 'acme', '--ref', 'invoice');
  const file = path.join(first.home, 'a.backup');
  await flashmux(first, 'backup', file, '--with-pepper');
  const database = await makeDatabase();
  try {
    const there = (...words: string[]): Promise<Ended> =>
      runFlashmux(words, { home: second.home, environment: { DATABASE_URL: database.url } });
    expect(await there('restore', file)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('into the database of DATABASE_URL: 2 accounts, 1 entries'),
      stderr: '',
    });
    expect(await database.run('SELECT account_id, amount FROM entries')).toMatchObject([
      { account_id: 'acme', amount: '5000000000' },
    ]);
    expect(await there('restore', file)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('holds 2 accounts, 1 entries'),
    });
    const back = await there('backup', path.join(second.home, 'b.backup'), '--json');
    expect(JSON.parse(back.stdout)).toMatchObject({ database: 'postgres', rows: { accounts: 2, entries: 1 } });
    const pepper = { DATABASE_URL: database.url, FLASHMUX_PEPPER: 'f'.repeat(64) };
    const other = await runFlashmux(['backup', path.join(second.home, 'c.backup'), '--with-pepper'], {
      home: second.home,
      environment: pepper,
    });
    expect(other.code).toBe(0);
    expect(gunzipSync(readFileSync(path.join(second.home, 'c.backup'))).toString()).toContain(`"pepper":"${'f'.repeat(64)}"`);
  } finally {
    await database.drop();
  }
});
