import type { Config } from '../config/schema.ts';
import type { HomeOptions } from './open-home.ts';

/** Where the settings say that things are kept. */
export function homeOf({ home, database }: Config): Pick<HomeOptions, 'folder' | 'database'> {
  const { url, pepper, connections, lease_from_per_second: leaseFromPerSecond } = database;
  if (url === undefined) return { folder: home };
  return { folder: home, database: { url, connections, leaseFromPerSecond, ...(pepper === undefined ? {} : { pepper }) } };
}
