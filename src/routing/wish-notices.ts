import type { Notice } from '../model/notice.ts';
import type { RoutingPreferences } from '../model/routing-preferences.ts';
import { isNamed } from './choose/candidate.ts';
import type { Host } from './plan.ts';

/** One notice for each wish about who answers that nothing here can follow, or that means something else here. */
export function wishNotices(wishes: RoutingPreferences | undefined, hosts: readonly Host[]): readonly Notice[] {
  if (wishes === undefined) return [];
  const { saidAt } = wishes;
  const ignored = (name: string, message: string): Notice => ({ code: 'ignored', path: `${saidAt}.${name}`, message });
  return [
    ...namesOfNobody(wishes, hosts).map(([list, name]) =>
      ignored(list, `No provider called ${JSON.stringify(name.slice(0, 64))} serves this model here.`),
    ),
    ...(wishes.sort === 'exacto'
      ? [ignored('sort', 'Nobody measures here how well hosts call tools; they are sorted by latency.')]
      : []),
    ...(wishes.enforceDistillableText === true
      ? [ignored('enforce_distillable_text', 'No host says here whether its text may be distilled; it has no effect.')]
      : []),
    ...(['image', 'audio'] as const).flatMap((name) =>
      wishes.maxPrice?.[name] === undefined
        ? []
        : [ignored(`max_price.${name}`, `Prices are per token here, not for one ${name}; it has no effect.`)],
    ),
  ];
}

/** So many names are told; who sends a list of all hosts there are does not need it back. */
const mostNames = 8;

function namesOfNobody({ order = [], ignore = [] }: RoutingPreferences, hosts: readonly Host[]) {
  const unknown = (name: string): boolean => !hosts.some((host) => isNamed(host, name));
  return [
    ...order.filter(unknown).map((name) => ['order', name] as const),
    ...ignore.filter(unknown).map((name) => ['ignore', name] as const),
  ].slice(0, mostNames);
}
