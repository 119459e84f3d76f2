import type { Caller } from '../access/access.ts';
import type { Catalogue, ModelEntry, Order, Variant } from '../catalogue/catalogue.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { GenerateRequest } from '../model/request.ts';

/** As much of an order as decides whether its caller may have it. */
type Wanted = Pick<Order, 'model' | 'variant'> & { readonly request: Pick<GenerateRequest, 'serverTools'> };

/** Throws `forbidden` where the key may not call the model of the order, or not use a tool that the order switches on. */
export function refuseForbidden(catalogue: Catalogue, caller: Caller, order: Wanted): void {
  refuseModel(catalogue, caller, order);
  refuseTools(caller, order);
}

interface Sold {
  readonly model: ModelEntry;
  readonly variant: Variant | undefined;
}

/** Both sides are compared by what they mean: a model has several ids, and whoever may call it may call its variants. */
export function mayCall(catalogue: Catalogue, { allowedModels }: Caller, { model, variant }: Sold): boolean {
  if (allowedModels === undefined) return true;
  return allowedModels.some((id) => {
    const allowed = catalogue.find(id);
    return allowed?.model.id === model.id && (allowed.variant === undefined || allowed.variant.id === variant?.id);
  });
}

function refuseModel(catalogue: Catalogue, caller: Caller, { model, variant }: Wanted): void {
  const { allowedModels } = caller;
  if (allowedModels === undefined || mayCall(catalogue, caller, { model, variant })) return;
  const named = variant?.id ?? model.id;
  throw new FlashmuxError('forbidden', `This key may not call "${named}". It may call: ${allowedModels.join(', ')}.`, {
    param: 'model',
  });
}

/** A tool that was asked for and stays off is no use of it. */
function refuseTools({ allowedTools }: Caller, { request }: Wanted): void {
  if (allowedTools === undefined) return;
  const wishes = Object.entries(request.serverTools ?? {});
  const [refused] = wishes.find(([name, isOn]) => isOn && !allowedTools.includes(name)) ?? [];
  if (refused === undefined) return;
  const instead = allowedTools.length === 0 ? 'It may use none' : `It may use: ${allowedTools.join(', ')}`;
  throw new FlashmuxError('forbidden', `This key may not use the server-side tool ${refused}. ${instead}.`, {
    param: `tool_${refused}`,
  });
}
