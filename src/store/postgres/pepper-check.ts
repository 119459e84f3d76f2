import { createHmac } from 'node:crypto';
import { FlashmuxError } from '../../model/fault.ts';
import { textColumn } from '../sql/row.ts';
import { query } from '../sql/statement.ts';
import type { Operation } from '../sql/statement.ts';

/**
 * Keeps a mark of the pepper at its first use and compares every later one with it: a replica with another pepper would refuse
 * every key and make keys that the others refuse. The mark tells nothing about the pepper. Throws `conflict`.
 */
export function* checkPepper(pepper: Uint8Array): Operation<void> {
  const mark = createHmac('sha256', pepper).update('flashmux: which pepper is this?').digest('hex');
  yield* query('INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING', settingName, mark);
  const [row] = yield* query('SELECT value FROM settings WHERE name = $1', settingName);
  if (row !== undefined && textColumn(row, 'value') === mark) return;
  throw new FlashmuxError(
    'conflict',
    'The keys in the database were hashed under another pepper than the one of this process, which would refuse them all. Every replica needs the same: set FLASHMUX_PEPPER to the text of the file "pepper" in the home of the first server, or copy that file.',
  );
}

const settingName = 'pepper_mark';
