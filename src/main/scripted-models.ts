import type { ModelEntry } from '../catalogue/catalogue.ts';
import { operatorModel } from '../catalogue/operator-model.ts';
import { scriptedBehaviours } from '../providers/scripted/behaviours.ts';
import type { Host } from '../routing/plan.ts';

const prefix = 'scripted/';

/** The scripted behaviours as models, for tests and demonstrations: in no catalogue unless the configuration switches them on. */
export function scriptedModels(): readonly ModelEntry[] {
  return scriptedBehaviours.map(({ name, about }) =>
    operatorModel({ id: `${prefix}${name}`, description: about, owner: 'flashmux' }),
  );
}

export function scriptedHosts(): readonly Host[] {
  return scriptedBehaviours.map(({ name }) => ({ provider: 'scripted', model: `${prefix}${name}`, upstreamModel: name }));
}
