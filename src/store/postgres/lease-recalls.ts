import { setTimeout as pause } from 'node:timers/promises';
import type { Notice } from './notices.ts';

/** How long the others have to hear it and to give back. */
const recallTakesMs = 50;

/** Asks the other servers for what they lease of accounts and do not use. Of many requests that find nothing, one asks for all of them. */
export function recallsBy(notify: (notice: Notice) => Promise<void>): (accountIds: readonly string[]) => Promise<void> {
  const recalls = new Map<string, Promise<void>>();
  return (accountIds) => {
    const payload = accountIds.join('\n');
    const running = recalls.get(payload);
    if (running !== undefined) return running;
    const recall = notify({ kind: 'recall', payload })
      .then(() => pause(recallTakesMs))
      .finally(() => recalls.delete(payload));
    recalls.set(payload, recall);
    return recall;
  };
}

/** The accounts that such a notice is about. */
export function recalledAccounts(payload: string): readonly string[] {
  return payload.split('\n');
}
