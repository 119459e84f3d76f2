import type { ModelEntry, ModelLimits, Parameter, Variant } from './catalogue.ts';
import { buildParameters, parameterNames } from './shared-parameters.ts';

/** A model, or one variant of it, as one id offers it: everything that resolving a request against it needs. */
export class OfferedModel {
  readonly model: ModelEntry;
  readonly variant: Variant | undefined;
  /** Its name in messages. */
  readonly label: string;
  readonly limits: ModelLimits;
  readonly #listed: ReadonlyMap<string, Parameter>;
  /** Made when one is first asked for: a start makes hundreds of these models, most of which are never called. */
  #unlisted: ReadonlyMap<string, Parameter> | undefined;

  constructor(model: ModelEntry, variant?: Variant) {
    this.model = model;
    this.variant = variant;
    this.label = variant?.id ?? model.id;
    this.limits = variant?.limits ?? model.limits;
    const listed = variant?.parameters ?? model.parameters;
    this.#listed = byName(listed);
  }

  /** Whether the model's own page names the parameter. */
  lists(name: string): boolean {
    return this.#listed.has(name);
  }

  /** The parameter as this model has it; one that its page does not name has the common range and no default. */
  parameter(name: string): Parameter | undefined {
    const listed = this.#listed.get(name);
    if (listed !== undefined) return listed;
    this.#unlisted ??= parametersOfNoPage(this.limits);
    return this.#unlisted.get(name);
  }

  numberDefault(name: string): number | undefined {
    const value = this.#listed.get(name)?.schema['default'];
    return typeof value === 'number' ? value : undefined;
  }

  booleanDefault(name: string): boolean | undefined {
    const value = this.#listed.get(name)?.schema['default'];
    return typeof value === 'boolean' ? value : undefined;
  }
}

function parametersOfNoPage(limits: ModelLimits): ReadonlyMap<string, Parameter> {
  return byName(buildParameters([], Object.fromEntries(parameterNames.map((name) => [name, {}])), limits));
}

function byName(parameters: readonly Parameter[]): ReadonlyMap<string, Parameter> {
  return new Map(parameters.map((parameter) => [parameter.name, parameter]));
}
