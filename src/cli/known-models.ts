import type { Command } from 'commander';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { systemClock } from '../telemetry/clock.ts';
import { configOf, logOf, type Context } from './context.ts';

/** Every model that may be called under this configuration, without a server. */
export async function withKnownModels<Result>(
  context: Context,
  command: Command,
  act: (known: Catalogue) => Result,
): Promise<Result> {
  const loaded = configOf(context, command);
  const log = logOf(context, loaded);
  const { createModelLibrary } = await import('../engine/models/model-library.ts');
  const { createOutgoing } = await import('../net/create-outgoing.ts');
  const { knownModels } = await import('../main/build-catalogue.ts');
  const outgoing = createOutgoing({ log });
  try {
    const library = createModelLibrary({ home: loaded.config.home, outgoing, log, clock: systemClock });
    const { known } = await knownModels(loaded.config, library);
    return act(known);
  } finally {
    await outgoing.close();
  }
}
