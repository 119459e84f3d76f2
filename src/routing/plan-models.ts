import type { ModelEntry, Variant } from '../catalogue/catalogue.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { Notice } from '../model/notice.ts';
import { planModel, type Planned, type PlanMeans } from './plan-model.ts';
import type { PlannedAttempt } from './plan.ts';

/** More fallback models than this are a mistake, and each costs a resolution. */
const mostFallbacks = 8;

export type Allows = (model: ModelEntry, variant?: Variant) => boolean;

/**
 * The attempts for the model that was named, then those for each that the caller would have instead, in its order. A fallback that
 * cannot answer is left out, and told; where nothing at all is left, what is thrown is the fault of the model that was named.
 */
export function planModels(what: Planned, allows: Allows, means: PlanMeans): readonly PlannedAttempt[] {
  const models = what.asked.routing?.models ?? [];
  if (models.length === 0) return planModel(what, means);
  const named = tried(() => planModel(what, means));
  const seen = new Set([idOf(what)]);
  const unusable: Notice[] = [];
  const others = models.slice(0, mostFallbacks).flatMap((model, index): readonly PlannedAttempt[] => {
    const outcome = tried(() => fallback(model, what, { seen, allows }, means));
    if (outcome.kind === 'planned') return outcome.attempts;
    unusable.push({ code: 'ignored', path: `models[${index}]`, message: outcome.fault.message });
    return [];
  });
  if (models.length > mostFallbacks) {
    const message = `At most ${mostFallbacks} other models are tried; the rest has no effect.`;
    unusable.push({ code: 'ignored', path: `models[${mostFallbacks}]`, message });
  }
  const all = named.kind === 'planned' ? [...named.attempts, ...others] : others;
  if (named.kind === 'refused' && all.length === 0) throw named.fault;
  return unusable.length === 0 ? all : all.map((each) => ({ ...each, notices: [...each.notices, ...unusable] }));
}

interface Bounds {
  /** Ids that have their attempts already. */
  readonly seen: Set<string>;
  readonly allows: Allows;
}

function fallback(model: string, what: Planned, { seen, allows }: Bounds, means: PlanMeans): readonly PlannedAttempt[] {
  const asked = { ...what.asked, model };
  const order = means.catalogue.resolve(asked, what.accountId);
  const next: Planned = { ...what, order, asked };
  const id = idOf(next);
  if (seen.has(id)) return [];
  seen.add(id);
  if (!allows(order.model, order.variant))
    throw new FlashmuxError('forbidden', `This key may not call "${id}".`, { param: 'models' });
  const notice: Notice = {
    code: 'stand-in',
    path: 'models',
    message: `"${id}" answers in place of "${idOf(what)}", which could not.`,
  };
  return planModel(next, means).map((each) => ({ ...each, notices: [notice, ...order.notices, ...each.notices] }));
}

type Outcome =
  | { readonly kind: 'planned'; readonly attempts: readonly PlannedAttempt[] }
  | { readonly kind: 'refused'; readonly fault: FlashmuxError };

function tried(plan: () => readonly PlannedAttempt[]): Outcome {
  try {
    return { kind: 'planned', attempts: plan() };
  } catch (error) {
    if (FlashmuxError.is(error)) return { kind: 'refused', fault: error };
    throw error;
  }
}

function idOf({ order }: Planned): string {
  return order.variant?.id ?? order.model.id;
}
