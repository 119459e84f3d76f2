import postgres from 'postgres';
import { z } from 'zod';
import type { Call } from '../sql/operations.ts';
import { query } from '../sql/statement.ts';
import type { Operation } from '../sql/statement.ts';

/** What one process tells all others. A notice is a hint: who is away when it is told never hears of it. */
export interface Notice {
  /** `key`: it changed. `recall`: somebody misses credits that others may have leased and not need. */
  readonly kind: 'key' | 'recall';
  /** The id of the key; the ids of the accounts, one a line. At most some thousand bytes. */
  readonly payload: string;
}

/** `missed`: the connection was lost for a while, so that anything may have been told meanwhile. */
export type Heard = Notice | { readonly kind: 'missed' };

const channel = 'flashmux';

/** Tells it when the transaction commits, and not at all where it does not. */
export function* notify(notice: Notice): Operation<void> {
  yield* query('SELECT pg_notify($1, $2)', channel, JSON.stringify(notice));
}

/** The operation of a call, with what the others have to know of it. */
export function* announcing<Result>(call: Call, operation: Operation<Result>): Operation<Result> {
  const result = yield* operation;
  if (call.name === 'key.revoke' || call.name === 'key.rotate' || call.name === 'key.update') {
    yield* notify({ kind: 'key', payload: call.input.id });
  }
  return result;
}

const noticeShape = z.object({ kind: z.enum(['key', 'recall']), payload: z.string() } satisfies Record<keyof Notice, z.ZodType>);

/**
 * Hears what all processes tell, this one included, on a connection of its own that is made again whenever it breaks. Rejects
 * where the first one cannot be made.
 */
export async function listen(url: string, hear: (heard: Heard) => void): Promise<{ close(): Promise<void> }> {
  const sql = postgres(url, { max: 1, fetch_types: false, keep_alive: 15, connect_timeout: 5, onnotice: () => undefined });
  let isFirst = true;
  const onListening = (): void => {
    if (!isFirst) hear({ kind: 'missed' });
    isFirst = false;
  };
  const onNotify = (text: string): void => {
    const notice = readNotice(text);
    if (notice !== undefined) hear(notice);
  };
  try {
    await sql.listen(channel, onNotify, onListening);
  } catch (error) {
    await sql.end({ timeout: 0 });
    throw error;
  }
  return { close: () => sql.end({ timeout: 0 }) };
}

/** A later flashmux may tell what this one does not know. */
function readNotice(text: string): Notice | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const read = noticeShape.safeParse(json);
  return read.success ? read.data : undefined;
}
