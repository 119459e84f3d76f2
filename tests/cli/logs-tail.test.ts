import { afterAll, beforeAll, expect, test } from 'vitest';
import { postChat } from '../support/chat-body.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { runFlashmux, startFlashmux, stopFlashmux } from './flashmux-process.ts';

// A second process that follows the requests of a server that runs.

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ settings: { engine: { enabled: false } } });
});
afterAll(() => server.stop());

async function call(): Promise<string> {
  const reply = await postChat(server, { model: 'scripted/hello', messages: [{ role: 'user', content: 'Quetzal' }] });
  await reply.text();
  expect(reply.status).toBe(200);
  return reply.headers.get('x-request-id') ?? '';
}

test('what ended before is shown, then each request as it ends, once; Ctrl-C ends it well', async () => {
  const before = [await call(), await call()];
  const tail = startFlashmux(['logs', 'tail'], { home: server.home });
  try {
    await tail.sees(new RegExp(`^request +ended[^]*${before[0]}[^]*${before[1]}`));
    const after: string[] = [];
    for (const _ of [1, 2, 3]) {
      const id = await call();
      after.push(id);
      await tail.sees(new RegExp(id));
    }
    tail.child.kill('SIGINT');
    const { code, stdout, stderr } = await tail.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const shown = stdout.split('\n').flatMap((line) => /^req_\w+/.exec(line)?.[0] ?? []);
    expect(shown).toEqual([...before, ...after]);
    expect(stdout).not.toContain('Quetzal');
  } finally {
    await stopFlashmux(tail);
  }
});

test('as JSON it is one record a line; --limit and --no-follow show the newest and end', async () => {
  const newest = [await call(), await call()];
  const { code, stdout } = await runFlashmux(['logs', 'tail', '--limit', '2', '--no-follow', '--json'], { home: server.home });
  const records = stdout
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect(code).toBe(0);
  expect(records).toMatchObject(newest.map((id) => ({ request_id: id, outcome: 'complete', cost_nano_usd: '0' })));
});

test('an account that there is not is refused', async () => {
  expect(await runFlashmux(['logs', 'tail', '--account', 'nobody'], { home: server.home })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('No account "nobody"'),
  });
});
