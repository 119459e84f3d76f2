import { FlashmuxError } from '../../model/fault.ts';
import { numberColumn, textColumn } from '../sql/row.ts';
import type { Row, Statement } from '../sql/statement.ts';
import { ConnectionLost } from './postgres-fault.ts';

interface Session {
  rows(statement: Statement): Promise<readonly Row[]>;
}

const oldestMajor = 15;

/**
 * Looks at each new connection before it is used, because the one after a failover may lead to another server than the one
 * before. Throws `conflict` for a server that cannot keep money safe, ConnectionLost for one that is a standby at the moment.
 */
export async function checkServer(session: Session): Promise<void> {
  const [server] = await session.rows(question);
  if (server === undefined) throw new ConnectionLost('The server did not say what it is.');
  const version = textColumn(server, 'version');
  if (numberColumn(server, 'version_number') < oldestMajor * 10_000) {
    throw unfit(`it is PostgreSQL ${version}, and flashmux needs ${oldestMajor} or later`);
  }
  const encoding = textColumn(server, 'encoding');
  if (encoding !== 'UTF8')
    throw unfit(`it is encoded as ${encoding}, and flashmux needs UTF8: CREATE DATABASE ... ENCODING 'UTF8'`);
  if (textColumn(server, 'fsync') !== 'on') {
    throw unfit('it runs with fsync = off, so that a power cut would lose what was acknowledged: set fsync = on');
  }
  if (textColumn(server, 'read_only') !== 'on') {
    throw unfit('its URL turns default_transaction_read_only off, which flashmux relies on: take that parameter out');
  }
  if (numberColumn(server, 'is_standby') === 1) throw new ConnectionLost('The server is a standby, which takes no writes.');
  // Without it a commit is told before it is on the disk. The other values wait for the disk, and some for standbys too.
  if (textColumn(server, 'synchronous_commit') === 'off') await session.rows({ text: 'SET synchronous_commit = on', values: [] });
}

const question: Statement = {
  text: `SELECT current_setting('server_version') AS version, CAST(current_setting('server_version_num') AS BIGINT) AS version_number,
    current_setting('server_encoding') AS encoding, current_setting('fsync') AS fsync,
    current_setting('synchronous_commit') AS synchronous_commit, current_setting('default_transaction_read_only') AS read_only,
    CASE WHEN pg_is_in_recovery() THEN 1 ELSE 0 END AS is_standby`,
  values: [],
};

function unfit(why: string): FlashmuxError {
  return new FlashmuxError('conflict', `The database of DATABASE_URL cannot be used: ${why}.`);
}
