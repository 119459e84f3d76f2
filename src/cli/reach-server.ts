import type { Config } from '../config/schema.ts';
import { describeProgress } from '../engine/models/progress.ts';
import { createModelLibrary } from '../engine/models/model-library.ts';
import { buildServer } from '../main/build-server.ts';
import { homeOf } from '../main/home-of.ts';
import { localModelId } from '../main/local-model.ts';
import { localAccountId, openHome } from '../main/open-home.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { Outgoing } from '../net/outgoing.ts';
import { systemClock } from '../telemetry/clock.ts';
import { silentLog, type Log } from '../telemetry/log.ts';
import { hint } from './hint.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

/** A server that a command may use, with a key that ends with the command. */
export interface ReachedServer {
  readonly url: string;
  readonly key: string;
  /** How the wanted model is called there. */
  readonly modelId: string;
  leave(): Promise<void>;
}

export interface ReachOptions {
  readonly config: Config;
  /** A model id, or the path of a GGUF file. */
  readonly model: string;
  readonly outgoing: Outgoing;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** The running server of this configuration, or one of our own that ends with the command. */
export async function reachServer(options: ReachOptions): Promise<ReachedServer> {
  return (await joinRunning(options)) ?? (await startOwn(options));
}

/** Undefined where no flashmux of this data folder answers at the configured address, or the model is a file it does not run. */
async function joinRunning({ config, model, outgoing, signal, log }: ReachOptions): Promise<ReachedServer | undefined> {
  if (model !== localModelId(model)) return undefined;
  const url = `http://${config.server.host}:${config.server.port}`;
  const status = async (path: string, headers: Readonly<Record<string, string>>): Promise<number | undefined> => {
    try {
      const answer = await outgoing.send(
        { method: 'GET', url: `${url}${path}`, headers, owner: 'operator', headTimeoutMs: 2_000, idleTimeoutMs: 2_000 },
        signal,
      );
      for await (const _ of answer.body);
      return answer.status;
    } catch {
      return undefined;
    }
  };
  if ((await status('/healthz', {})) !== 200) return undefined;
  const home = await openHome({ ...homeOf(config), role: 'guest', log });
  const { id, secret } = await home.access.create({ name: 'flashmux run', accountId: localAccountId });
  const leave = async (): Promise<void> => {
    await home.access.revoke(id);
    await home.close();
  };
  // Another program, or a server with another data folder, does not know the key.
  if ((await status('/v1/models', { authorization: `Bearer ${secret}` })) === 200)
    return { url, key: secret, modelId: model, leave };
  await leave();
  return undefined;
}

async function startOwn(options: ReachOptions): Promise<ReachedServer> {
  const { config, model, terminal, signal } = options;
  // Who names a model of this machine means that one, whatever the configuration would load.
  const engine = { ...config.engine, ...((await isLocal(options)) ? { model } : {}) };
  const own: Config = { ...config, engine, server: { ...config.server, host: '127.0.0.1', port: 0 } };
  const server = await buildServer({ config: own, log: silentLog, version, store: 'memory' });
  const leave = (): Promise<void> => server.stop(0);
  try {
    const { url } = await server.start();
    const modelId = localModelId(model);
    // What a provider hosts is ready without an engine; what nobody knows gets its error without one.
    if (server.models.listing(modelId)?.ready === false) {
      const booted = await server.localModel.boot(signal, (progress) => terminal.status(describeProgress(progress)));
      terminal.done();
      if (booted.kind === 'none')
        throw new FlashmuxError('model_not_ready', `${booted.reasons.join('; ')}. Pull one with: ${hint(booted.pullCommand)}`);
    }
    const { secret } = await server.home.access.create({ name: 'flashmux run', accountId: localAccountId });
    return { url, key: secret, modelId, leave };
  } catch (error) {
    terminal.done();
    await leave();
    throw error;
  }
}

/** A file, or an id that the engine can run by itself: one that is installed or can be pulled. */
async function isLocal({ config, model, outgoing, log }: ReachOptions): Promise<boolean> {
  if (model !== localModelId(model)) return true;
  const library = createModelLibrary({ home: config.home, outgoing, log, clock: systemClock });
  const here = [...library.known(), ...(await library.installed())];
  return here.some(({ id }) => id === model);
}
