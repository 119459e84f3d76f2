import { z } from 'zod';
import type { JsonObject } from '../model/json.ts';
import type { ModelLimits, Parameter } from './catalogue.ts';
import data from './data/parameters.json' with { type: 'json' };

/** How a model file bends a shared parameter. */
export interface ParameterOverride {
  readonly description?: string;
  readonly default?: string | number | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly string[];
}

const sharedParameters = z
  .strictObject({
    definitions: z.record(z.string(), z.strictObject({ description: z.string().min(1), schema: z.record(z.string(), z.json()) })),
    groups: z.record(z.string(), z.array(z.string())),
  })
  .parse(data);

/** Every parameter of the chat dialect that any model documents, by wire name. */
export const parameterNames: readonly string[] = Object.keys(sharedParameters.definitions);

/** Named lists of parameters, so that a model file says `thinking` and not four names. */
const parameterGroups: Readonly<Record<string, readonly string[]>> = sharedParameters.groups;

/**
 * The parameters of one model: those of its groups and those it names itself, in the shared order, each with its override and
 * with the limits of the model as its range. Throws RangeError for a group or a name that nothing defines.
 */
export function buildParameters(
  groups: readonly string[],
  overrides: Readonly<Record<string, ParameterOverride>>,
  limits: Partial<ModelLimits>,
): readonly Parameter[] {
  const grouped = groups.flatMap((group) => {
    const names = parameterGroups[group];
    if (names === undefined) throw new RangeError(`no parameter group is called ${JSON.stringify(group)}`);
    return names;
  });
  const named = Object.keys(overrides).filter((name) => !parameterNames.includes(name));
  const wanted = new Set([...grouped, ...Object.keys(overrides)]);
  return [...parameterNames.filter((name) => wanted.has(name)), ...named].map((name) =>
    buildParameter(name, overrides[name] ?? {}, limits),
  );
}

function buildParameter(name: string, override: ParameterOverride, limits: Partial<ModelLimits>): Parameter {
  const shared = sharedParameters.definitions[name];
  if (shared === undefined) throw new RangeError(`no parameter is called ${JSON.stringify(name)}`);
  const { description = shared.description, ...bent } = override;
  const most = limitOf(name, limits);
  const schema: JsonObject = { ...shared.schema, ...(most === undefined ? {} : { maximum: most }), ...bent };
  return { name, description, schema };
}

/** Token limits of a model are the upper ends of the parameters that choose within them. */
function limitOf(name: string, limits: Partial<ModelLimits>): number | undefined {
  switch (name) {
    case 'max_tokens':
      return limits.output;
    case 'max_completion_tokens':
      return limits.output === undefined ? undefined : limits.output + (limits.thinking ?? 0);
    case 'thinking_budget':
      return limits.thinking;
    default:
      return undefined;
  }
}
