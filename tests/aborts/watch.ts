import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineFigures } from '../../src/engine/engine.ts';
import type { UsageRecord } from '../../src/ledger/request-record.ts';
import { untilNoHoldIsOpen } from '../support/open-holds.ts';
import type { TestServer } from '../support/test-server.ts';

/** Looks again and again until the condition holds. Throws after 30 s. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`after 30 s still not: ${what}`);
    await sleep(5);
  }
}

export async function untilFigures(server: TestServer, holds: (figures: EngineFigures) => boolean): Promise<void> {
  await until(`engine figures ${holds.toString()}`, async () => holds(await server.server.engine.figures()));
}

/** Resolves once nothing runs and every hold has ended. */
export async function untilSettled(server: TestServer): Promise<void> {
  await server.idle();
  await untilNoHoldIsOpen(server);
  // Whoever ended it says so in the log a moment later.
  await sleep(50);
}

export async function recordOf(server: TestServer, requestId: string): Promise<UsageRecord | undefined> {
  return server.server.home.ledger.usageRecord(requestId);
}
