import type { Notice } from '../model/notice.ts';
import type { RoutingPreferences } from '../model/routing-preferences.ts';
import type { PlannedAttempt } from './plan.ts';

/** The attempts, each with a notice of what the caller prefers and nothing follows. */
export function announced(
  attempts: readonly PlannedAttempt[],
  preferences: RoutingPreferences | undefined,
): readonly PlannedAttempt[] {
  const unused = unusedPreferences(preferences);
  return unused.length === 0 ? attempts : attempts.map((one) => ({ ...one, notices: [...one.notices, ...unused] }));
}

/**
 * One notice for each wish about who answers: hosts are tried in the order of the configuration, whatever the caller prefers. A
 * preference leaves this list once something follows it.
 */
function unusedPreferences(preferences: RoutingPreferences | undefined): readonly Notice[] {
  if (preferences === undefined) return [];
  const { saidAt, ...wishes } = preferences;
  return Object.entries(wishes).map(([name]) => ({
    code: 'ignored',
    path: name === 'models' ? name : `${saidAt}.${wireName(name)}`,
    message: 'This server tries its hosts in the order of its configuration; it has no effect.',
  }));
}

function wireName(name: string): string {
  return name === 'zeroDataRetention' ? 'zdr' : name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
