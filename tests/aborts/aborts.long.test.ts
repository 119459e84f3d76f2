import { expect, test } from 'vitest';
import { startTestServer } from '../support/test-server.ts';
import { leaveMany } from './leave-many.ts';

test('a thousand clients that leave, at any moment and in any way, leave nothing behind', async () => {
  const server = await startTestServer();
  try {
    const { pid } = server.server.engine;
    await leaveMany(server, 1_000);
    expect(server.server.engine.pid).toBe(pid);
  } finally {
    await server.stop();
  }
});
