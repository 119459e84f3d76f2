import type { Command } from 'commander';
import { modelNames } from '../admin/model-names.ts';
import { unknownModel } from '../catalogue/unknown-model.ts';
import type { Context } from './context.ts';
import { withKnownModels } from './known-models.ts';

/** Throws `unknown_model`, with the ids that were probably meant, for an id that no model of this configuration has. */
export async function refuseUnknownModels(
  ids: readonly string[] | false | undefined,
  context: Context,
  command: Command,
): Promise<void> {
  if (ids === undefined || ids === false) return;
  await withKnownModels(context, command, (known) => {
    const unknown = ids.find((id) => known.find(id) === undefined);
    if (unknown !== undefined) throw unknownModel(unknown, modelNames(known.list()));
  });
}
