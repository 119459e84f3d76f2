import type { Command } from 'commander';
import type { ModelLibrary } from '../engine/models/model-library.ts';
import { describeBytes, describeProgress } from '../engine/models/progress.ts';
import { FlashmuxError } from '../model/fault.ts';
import { systemClock } from '../telemetry/clock.ts';
import { configOf, interruptSignal, logOf, wantsJson, type Context } from './context.ts';
import { hint } from './hint.ts';
import { table, type Terminal } from './terminal.ts';

export function addModelsCommands(program: Command, context: Context): void {
  const models = program.command('models').description('local models and the catalogue');
  const { terminal } = context;

  models
    .command('ls')
    .description('local models: what is installed and what can be pulled')
    .action(async (_, command: Command) => {
      await withLibrary(context, command, async (library) => {
        const rows = await localModels(library);
        if (wantsJson(command)) terminal.out(JSON.stringify(rows));
        else showTable(rows, terminal);
      });
    });

  models
    .command('show <id>')
    .description('one model: what the catalogue says of it and the JSON Schema of its parameters')
    .action(async (id: string, _, command: Command) => {
      await withLibrary(context, command, async (library) => {
        const { createCatalogue } = await import('../catalogue/create-catalogue.ts');
        const { parameterSchema } = await import('../catalogue/parameter-schema.ts');
        const found = createCatalogue().find(id);
        const installed = await library.find(id).catch(() => undefined);
        if (found === undefined && installed === undefined)
          throw new FlashmuxError(
            'not_found',
            `There is no model "${id}". "${hint('flashmux models ls')}" and GET /v1/models list them.`,
          );
        const shown = {
          ...found?.model,
          ...(found?.variant === undefined ? {} : { variant: found.variant }),
          ...(installed === undefined ? {} : { installed }),
        };
        const schema = found === undefined ? {} : { parameterSchema: parameterSchema(found.model, found.variant) };
        terminal.out(JSON.stringify({ ...shown, ...schema }, bigintAsText, 2));
      });
    });

  models
    .command('pull <id>')
    .description('bring a model: a known id, an address or a path of a GGUF file')
    .action(async (id: string, _, command: Command) => {
      const signal = interruptSignal();
      await withLibrary(context, command, async (library) => {
        const model = await library.pull(id, { signal, onProgress: (progress) => terminal.status(describeProgress(progress)) });
        terminal.done();
        if (wantsJson(command)) terminal.out(JSON.stringify(model));
        else terminal.out(`${model.id} is at ${model.path}`);
      });
    });

  models
    .command('rm <id>')
    .description('delete a local model')
    .action(async (id: string, _, command: Command) => {
      await withLibrary(context, command, async (library) => {
        if (!(await library.remove(id)))
          throw new FlashmuxError('not_found', `There is no local model "${id}". "${hint('flashmux models ls')}" lists them.`);
        if (wantsJson(command)) terminal.out(JSON.stringify({ id, removed: true }));
        else terminal.out(`removed ${id}`);
      });
    });
}

interface LocalModelRow {
  readonly id: string;
  readonly installed: boolean;
  readonly bytes: number;
  readonly note: string;
}

async function localModels(library: ModelLibrary): Promise<readonly LocalModelRow[]> {
  const installed = await library.installed();
  const here = installed.map(({ id, bytes, note }) => ({ id, installed: true, bytes, note: note ?? '' }));
  const rest = library.known().filter(({ id }) => !here.some((model) => model.id === id));
  return [...here, ...rest.map(({ id, bytes, note }) => ({ id, installed: false, bytes, note: note ?? '' }))];
}

/** Lets a command look at the local models. */
export async function withLibrary(
  context: Context,
  command: Command,
  act: (library: ModelLibrary) => Promise<void>,
): Promise<void> {
  const loaded = configOf(context, command);
  const log = logOf(context, loaded);
  const { createModelLibrary } = await import('../engine/models/model-library.ts');
  const { createOutgoing } = await import('../net/create-outgoing.ts');
  const outgoing = createOutgoing({ log });
  try {
    await act(createModelLibrary({ home: loaded.config.home, outgoing, log, clock: systemClock }));
  } finally {
    context.terminal.done();
    await outgoing.close();
  }
}

/** Notes are sentences, too long for a column. */
function showTable(rows: readonly LocalModelRow[], terminal: Terminal): void {
  const cells = rows.map(({ id, installed, bytes, note }) => [
    id,
    installed ? 'yes' : '-',
    describeBytes(bytes),
    note === '' ? '' : 'see below',
  ]);
  for (const line of table(['id', 'installed', 'size', 'note'], cells)) terminal.out(line);
  for (const { id, note } of rows) if (note !== '') terminal.out(`\n${id}: ${note}`);
}

function bigintAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
