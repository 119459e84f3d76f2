import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exchange, startAdminServer, textIn, type AdminServer } from './admin-client.ts';

// Every curl line of docs/admin.md, as it stands there and in its order.

const documentation = path.join(import.meta.dirname, '../../docs/admin.md');
let admin: AdminServer;
let commands: readonly string[] = [];
beforeAll(async () => {
  admin = await startAdminServer();
  const blocks = [...(await readFile(documentation, 'utf8')).matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = '']) => block);
  commands = blocks.flatMap((block) => block.replaceAll('\\\n', ' ').trim().split('\n'));
});
afterAll(() => admin.stop());

test('the documentation has examples of reads and of writes', () => {
  expect(commands.length).toBeGreaterThan(12);
  expect(commands.every((command) => command.startsWith('curl '))).toBe(true);
});

test('every example works as it is written, and what moves money twice', async () => {
  for (const command of [...commands, ...commands.filter((each) => /(topups|grants|adjustments) .*-d/.test(each))]) {
    const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
    const valueOf = (flag: string): string | undefined => (words.includes(flag) ? words[words.indexOf(flag) + 1] : undefined);
    const url = words.find((word) => word.startsWith('http://127.0.0.1:4401/'));
    if (url === undefined) throw new Error(`there is no address in: ${command}`);
    const header = valueOf('-H')?.split(': ');
    const body = valueOf('-d');
    const reply = await exchange({
      method: valueOf('-X') ?? 'GET',
      url: url.replace('http://127.0.0.1:4401', admin.adminUrl),
      headers: header === undefined ? {} : { [header[0] ?? '']: header[1] ?? '' },
      ...(body === undefined ? {} : { body }),
    });
    expect({ command, status: reply.status, text: reply.text }).toMatchObject({ command, status: 200 });
  }
});

test('every route that is offered is told of', async () => {
  const text = await readFile(documentation, 'utf8');
  const refusal = await admin.get('/elsewhere');
  const offered = textIn(refusal.body.error?.['message']).match(/(GET|POST|PATCH) \/admin\/v1[^,.]*/g) ?? [];
  expect(offered.length).toBeGreaterThan(20);
  for (const route of offered) expect(text).toContain(`\`${route}`);
});
