import type { Catalogue } from '../catalogue/catalogue.ts';
import { unknownModel } from '../catalogue/unknown-model.ts';
import { FlashmuxError } from '../model/fault.ts';
import { modelNames } from './model-names.ts';

/**
 * The canonical ids of the models that a grant of tokens is to be good for: it counts for a model whichever of its names or
 * variants a request says. Throws `unknown_model`, and `invalid_request` for a variant.
 */
export function grantModels(names: readonly string[], catalogue: Pick<Catalogue, 'find' | 'list'>): readonly string[] {
  return names.map((name) => {
    const found = catalogue.find(name);
    if (found === undefined) throw unknownModel(name, modelNames(catalogue.list()));
    if (found.variant === undefined) return found.model.id;
    throw new FlashmuxError('invalid_request', `"${name}" is a variant. A grant is good for ${found.model.id} whole.`, {
      param: 'models',
    });
  });
}
