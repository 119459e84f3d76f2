import { InvalidArgumentError, Option, type Command } from 'commander';
import type { KeyInfo, KeyWish } from '../access/key-admin.ts';
import { FlashmuxError } from '../model/fault.ts';
import { systemClock } from '../telemetry/clock.ts';
import { wantsJson, type Context } from './context.ts';
import { hint } from './hint.ts';
import { accountOption } from './options.ts';
import { readExpiry } from './read-expiry.ts';
import { readSpan } from './read-span.ts';
import { table } from './terminal.ts';
import { withHome } from './with-home.ts';

export function addKeysCommands(program: Command, context: Context): void {
  const keys = program.command('keys').description('API keys');
  addCreate(keys, context);
  addList(keys, context);
  addRotate(keys, context);
  addRevoke(keys, context);
}

interface CreateFlags {
  readonly name: string;
  readonly account?: string;
  /** Unix milliseconds. */
  readonly expires?: number;
  readonly models?: readonly string[];
  readonly rpm?: number;
  readonly concurrency?: number;
}

function addCreate(keys: Command, context: Context): void {
  const { terminal } = context;
  const now = systemClock.now();
  keys
    .command('create')
    .description('make a key; its secret is shown once')
    .option('--name <name>', 'what it is for', 'unnamed')
    .addOption(accountOption())
    .addOption(
      new Option('--expires <when>', 'a span such as 30d or 12h, or a date (default: never)').argParser((text) =>
        readExpiry(text, now),
      ),
    )
    .addOption(new Option('--models <ids>', 'the only models it may call: ids with commas between').argParser(readModels))
    .addOption(new Option('--rpm <n>', 'requests in any minute (default: no limit)').argParser(readCount))
    .addOption(new Option('--concurrency <n>', "requests at the same time (default: the server's limit)").argParser(readCount))
    .action(async (flags: CreateFlags, command: Command) => {
      await withHome(context, command, async ({ access }, localAccountId) => {
        const wish = wishOf(flags, localAccountId);
        const { id, secret } = await access.create(wish);
        if (wantsJson(command)) terminal.out(JSON.stringify({ id, name: wish.name, account: wish.accountId, key: secret }));
        else {
          terminal.say(`Key ${id}, shown only now:`);
          terminal.out(secret);
        }
      });
    });
}

function wishOf({ name, account, expires, models, rpm, concurrency }: CreateFlags, localAccountId: string): KeyWish {
  return {
    name,
    accountId: account ?? localAccountId,
    ...(expires === undefined ? {} : { expiresAt: expires }),
    ...(models === undefined ? {} : { allowedModels: models }),
    ...(rpm === undefined ? {} : { requestsPerMinute: rpm }),
    ...(concurrency === undefined ? {} : { maxInFlight: concurrency }),
  };
}

function readModels(text: string): readonly string[] {
  const ids = text.split(',').map((id) => id.trim());
  if (ids.includes('')) throw new InvalidArgumentError('Write ids with commas between, such as qwen-flash,qwen3.5-flash.');
  return [...new Set(ids)];
}

function readCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Write a whole number from 1.');
  return Number(text);
}

function addList(keys: Command, context: Context): void {
  const { terminal } = context;
  keys
    .command('ls')
    .description('the keys that are in force')
    .option('--all', 'revoked and expired ones too')
    .action(async ({ all = false }: { all?: boolean }, command: Command) => {
      await withHome(context, command, async ({ access }) => {
        const now = systemClock.now();
        const keysHere = await access.list();
        const rows = keysHere.filter((key) => all || isInForce(key, now)).map((key) => rowOf(key));
        if (wantsJson(command)) terminal.out(JSON.stringify(rows));
        else if (rows.length === 0) terminal.say(`There is no key. "${hint('flashmux keys create')}" makes one.`);
        else
          for (const line of table(
            ['id', 'name', 'account', 'created', 'expires', 'models', 'rpm', 'concurrency', 'revoked'],
            rows.map((row) => [
              row.id,
              row.name,
              row.account,
              row.created_at,
              row.expires_at ?? '-',
              row.models?.join(',') ?? 'all',
              String(row.requests_per_minute ?? '-'),
              String(row.concurrency ?? '-'),
              row.revoked_at ?? '-',
            ]),
          ))
            terminal.out(line);
      });
    });
}

function isInForce({ revokedAt, expiresAt }: KeyInfo, now: number): boolean {
  return revokedAt === undefined && (expiresAt === undefined || now < expiresAt);
}

function rowOf(key: KeyInfo) {
  const { id, name, accountId, createdAt, expiresAt, allowedModels, previousUntil, revokedAt } = key;
  return {
    id,
    name,
    account: accountId,
    created_at: isoTime(createdAt),
    expires_at: expiresAt === undefined ? null : isoTime(expiresAt),
    models: allowedModels ?? null,
    requests_per_minute: key.requestsPerMinute ?? null,
    concurrency: key.maxInFlight ?? null,
    previous_until: previousUntil === undefined ? null : isoTime(previousUntil),
    revoked_at: revokedAt === undefined ? null : isoTime(revokedAt),
  };
}

function isoTime(unixMs: number): string {
  return new Date(unixMs).toISOString();
}

function addRotate(keys: Command, context: Context): void {
  const { terminal } = context;
  keys
    .command('rotate <id>')
    .description('give a key a new secret, shown once; the one before works on for a while')
    .addOption(
      new Option('--overlap <span>', 'for how long the secret before works on: 24h, 7d, or 0 to end it at once')
        .argParser(readOverlap)
        .default(86_400_000, '24h'),
    )
    .action(async (id: string, { overlap }: { overlap: number }, command: Command) => {
      await withHome(context, command, async ({ access }) => {
        const rotated = await access.rotate(id, overlap);
        if (rotated === undefined) throw noLiveKey(id);
        const until = isoTime(rotated.previousUntil);
        if (wantsJson(command)) terminal.out(JSON.stringify({ id, key: rotated.secret, previous_until: until }));
        else {
          terminal.say(`The new secret of key ${id}, shown only now; the one before works until ${until}:`);
          terminal.out(rotated.secret);
        }
      });
    });
}

function readOverlap(text: string): number {
  const spanMs = text === '0' ? 0 : readSpan(text);
  if (spanMs === undefined) throw new InvalidArgumentError('Write a span such as 24h or 7d, or 0.');
  return spanMs;
}

function addRevoke(keys: Command, context: Context): void {
  const { terminal } = context;
  keys
    .command('revoke <id>')
    .description('end a key; running servers refuse it within a second')
    .action(async (id: string, _, command: Command) => {
      await withHome(context, command, async ({ access }) => {
        if (!(await access.revoke(id))) throw noLiveKey(id);
        if (wantsJson(command)) terminal.out(JSON.stringify({ id, revoked: true }));
        else terminal.out(`revoked ${id}`);
      });
    });
}

function noLiveKey(id: string): FlashmuxError {
  return new FlashmuxError('not_found', `There is no live key "${id}". "${hint('flashmux keys ls')}" lists them.`);
}
