import type { Config } from '../config/schema.ts';
import type { AccountKey } from '../exchange/own-keys.ts';

/** The keys that accounts of this server bring for its providers. */
export function configuredAccountKeys({ providers }: Config): AccountKey {
  const byProvider = new Map(providers.map((own) => [own.name, new Map(Object.entries(own.account_keys ?? {}))]));
  return (provider, accountId) => byProvider.get(provider)?.get(accountId);
}
