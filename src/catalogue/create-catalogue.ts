import { FlashmuxError } from '../model/fault.ts';
import { builtInModels } from './built-in-models.ts';
import type { Catalogue, ModelEntry } from './catalogue.ts';
import { closestIds } from './closest-ids.ts';
import { OfferedModel } from './offered-model.ts';
import { resolveOrder } from './resolve-order.ts';

/**
 * The catalogue of the built-in models and of the operator's. An operator's model with the id of a built-in one replaces it;
 * where an id and an alias collide, the operator's wins. Throws RangeError where two of the operator's models share an id.
 */
export function createCatalogue(options: { readonly extra?: readonly ModelEntry[] } = {}): Catalogue {
  const extra = options.extra ?? [];
  const extraIds = new Set(extra.map((model) => model.id));
  if (extraIds.size < extra.length) throw new RangeError('two models of the configuration have the same id');
  const models = [...builtInModels.filter((model) => !extraIds.has(model.id)), ...extra];
  const offered = new Map(models.flatMap(namesOf));

  return {
    find(id) {
      const found = offered.get(id);
      if (found === undefined) return undefined;
      return { model: found.model, ...(found.variant === undefined ? {} : { variant: found.variant }) };
    },
    list: () => models,
    resolve(request) {
      const found = offered.get(request.model);
      if (found === undefined) throw unknownModel(request.model, offered.keys());
      return resolveOrder(request, found);
    },
  };
}

/** Every id that means the model or one of its variants. */
function namesOf(model: ModelEntry): readonly (readonly [string, OfferedModel])[] {
  const names = [model.id, ...model.aliases];
  const plain = new OfferedModel(model);
  const variants = model.variants.map(
    (variant) => [variant.id.slice(variant.id.lastIndexOf(':')), new OfferedModel(model, variant)] as const,
  );
  return names.flatMap((name) => [
    [name, plain] as const,
    ...variants.map(([suffix, offered]) => [name + suffix, offered] as const),
  ]);
}

function unknownModel(id: string, known: Iterable<string>): FlashmuxError {
  const close = closestIds(id, known, 3).map((name) => JSON.stringify(name));
  const hint = close.length === 0 ? '' : ` Did you mean ${close.join(' or ')}?`;
  const shown = id.length > 96 ? `${id.slice(0, 96)}…` : id;
  return new FlashmuxError('unknown_model', `No model ${JSON.stringify(shown)}.${hint} GET /v1/models lists them.`, {
    param: 'model',
  });
}
