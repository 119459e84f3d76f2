import type { KeyStore } from '../../access/access.ts';
import { FlashmuxError } from '../../model/fault.ts';
import type { MemoryTables } from './memory-tables.ts';

export function memoryKeyStore(tables: MemoryTables): KeyStore {
  const { keys, accounts } = tables;
  return {
    insert: async (key) => {
      if (!accounts.has(key.accountId))
        throw new FlashmuxError('not_found', `No account "${key.accountId}".`, { param: 'accountId' });
      if (keys.has(key.id)) throw new Error(`A key with the id ${key.id} exists.`);
      keys.set(key.id, key);
    },
    find: async (id) => keys.get(id),
    list: async () => [...keys.values()].toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)),
    rotate: async ({ id, hash, previousUntil }) => {
      const key = keys.get(id);
      if (key === undefined || key.revokedAt !== undefined) return false;
      keys.set(id, { ...key, hash, previous: { hash: key.hash, until: previousUntil } });
      return true;
    },
    revoke: async (id, at) => {
      const key = keys.get(id);
      if (key === undefined || key.revokedAt !== undefined) return false;
      keys.set(id, { ...key, revokedAt: at });
      return true;
    },
  };
}
