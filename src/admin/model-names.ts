import type { ModelEntry } from '../catalogue/catalogue.ts';

/** Every id by which a model may be meant, for the hint in the refusal of one that means none. */
export function modelNames(models: readonly ModelEntry[]): readonly string[] {
  return models.flatMap(({ id, aliases, variants }) => [id, ...aliases, ...variants.map((variant) => variant.id)]);
}
