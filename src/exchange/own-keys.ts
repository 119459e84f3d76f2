import { freeOfCharge } from '../catalogue/mark-up.ts';
import type { GenerateRequest } from '../model/request.ts';
import type { RoutingPreferences } from '../model/routing-preferences.ts';
import type { PlannedAttempt } from '../routing/plan.ts';

/** An account's own key at a provider, where it has one. */
export type AccountKey = (provider: string, accountId: string) => string | undefined;

/**
 * The plan with the caller's own keys in it: each host that there is one for is asked with it first, for nothing, since the caller pays that
 * host; then with a key of this server, at its price. Keys go no further than this: no request that is planned still has them.
 */
export function withOwnKeys(
  planned: readonly PlannedAttempt[],
  wishes: RoutingPreferences | undefined,
  accountKey: (provider: string) => string | undefined,
): readonly PlannedAttempt[] {
  return planned.flatMap((attempt) => {
    const { provider, priceList } = attempt;
    const plain = { ...attempt, request: withoutKeys(attempt.request) };
    const said = wishes?.ownKeys?.[provider];
    const kept = accountKey(provider);
    const keys = said ?? (kept === undefined ? [] : [kept]);
    return [
      ...keys.map((ownKey): PlannedAttempt => ({ ...plain, ownKey, priceList: freeOfCharge(priceList, 'own key') })),
      plain,
    ];
  });
}

function withoutKeys(request: GenerateRequest): GenerateRequest {
  if (request.routing?.ownKeys === undefined) return request;
  const { ownKeys: _, ...routing } = request.routing;
  return { ...request, routing };
}
