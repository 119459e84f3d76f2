import type { TestServer } from '../support/test-server.ts';

/** A customer of a platform: an account with money on it. Gives its key. */
export async function openPrepaid({ server }: TestServer, accountId: string, nanoUsd: bigint): Promise<string> {
  const { ledger, access } = server.home;
  await ledger.openAccount({ id: accountId, limit: 'prepaid' });
  if (nanoUsd > 0n) await ledger.topUp(accountId, nanoUsd, `payment of ${accountId}`);
  return (await access.create({ name: 'sample', accountId })).secret;
}
