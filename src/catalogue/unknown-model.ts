import { FlashmuxError } from '../model/fault.ts';
import { closestIds } from './closest-ids.ts';

/** The refusal of an id that means no model, with the ids that were probably meant. */
export function unknownModel(id: string, known: Iterable<string>): FlashmuxError {
  const close = closestIds(id, known, 3).map((name) => JSON.stringify(name));
  const hint = close.length === 0 ? '' : ` Did you mean ${close.join(' or ')}?`;
  const shown = id.length > 96 ? `${id.slice(0, 96)}…` : id;
  return new FlashmuxError('unknown_model', `No model ${JSON.stringify(shown)}.${hint} GET /v1/models lists them.`, {
    param: 'model',
  });
}
