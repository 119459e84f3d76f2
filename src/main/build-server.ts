import { freemem } from 'node:os';
import { parameterSchema } from '../catalogue/parameter-schema.ts';
import { ConfigError } from '../config/load-config.ts';
import type { Config } from '../config/schema.ts';
import { openaiChatDialect } from '../dialects/openai-chat/openai-chat-dialect.ts';
import { createLocalEngine, type LocalEngine } from '../engine/local-engine.ts';
import { createModelLibrary, type ModelLibrary } from '../engine/models/model-library.ts';
import { createTokenCounter } from '../engine/tokens/token-counter.ts';
import { Admission } from '../exchange/admission.ts';
import { createExchange } from '../exchange/serve.ts';
import { createListener } from '../http/listener.ts';
import { createOutgoing } from '../net/create-outgoing.ts';
import { createEmbeddedProvider } from '../providers/embedded/create-embedded-provider.ts';
import { createScriptedProvider } from '../providers/scripted/create-scripted-provider.ts';
import { createRouting, type Routing } from '../routing/routing.ts';
import { systemClock } from '../telemetry/clock.ts';
import { newId, newSeed } from '../telemetry/ids.ts';
import type { Log } from '../telemetry/log.ts';
import { buildCatalogue } from './build-catalogue.ts';
import { configuredHosts } from './configured-models.ts';
import { LocalModel } from './local-model.ts';
import { admissionLimits, configuredProviders, deadlines, engineOptions, httpLimits, readiness } from './from-config.ts';
import { openHome, type Home } from './open-home.ts';
import { scriptedHosts } from './scripted-models.ts';

export interface FlashmuxServer {
  readonly home: Home;
  readonly library: ModelLibrary;
  readonly engine: LocalEngine;
  readonly localModel: LocalModel;
  /** Every model that somebody here would answer for. */
  readonly models: Pick<Routing, 'listings' | 'listing'>;
  start(): Promise<{ readonly url: string; readonly host: string; readonly port: number }>;
  /** Requests that run or wait. */
  inFlight(): number;
  /** Reads the operator's price file anew. With a mistake in it the prices before stay, and the log says where it is. */
  readPrices(): void;
  /** Stops accepting, lets what runs end until the deadline, settles, and closes everything. */
  stop(drainMs: number): Promise<void>;
}

export interface BuildOptions {
  readonly config: Config;
  readonly log: Log;
  readonly version: string;
  /** `memory` keeps nothing: for `flashmux run` and tests. */
  readonly store: 'owner' | 'memory';
  readonly onFailure?: (error: Error) => void;
}

/** The whole program on one page: what exists, and who is given what. */
export async function buildServer({ config, log, version, store, onFailure }: BuildOptions): Promise<FlashmuxServer> {
  const clock = systemClock;
  const outgoing = createOutgoing({ log });
  const library = createModelLibrary({ home: config.home, outgoing, log, clock });
  // Before anything is opened that would have to be closed again: this is what refuses a price file with a mistake.
  const { catalogue, unpriced, readPrices } = await buildCatalogue(config, library, () => clock.now());
  if (unpriced.length > 0) log.warn({ models: unpriced }, 'models without a price: calls of them cost nothing');
  const home = await openHome({ folder: config.home, role: store, log, ...(onFailure === undefined ? {} : { onFailure }) });
  const engine = createLocalEngine({ ...engineOptions(config), log, clock, newCallId: () => newId('call'), newSeed });
  const localModel = new LocalModel(config.engine, engine, library, library.chooseDefault(freemem()).id);
  const counter = createTokenCounter();

  const hosts = [...configuredHosts(config, catalogue), ...(config.scripted.enabled ? scriptedHosts() : [])];
  const routing = createRouting({ catalogue, hosts, local: () => localModel.routed() });
  const scripted = config.scripted.enabled ? [createScriptedProvider()] : [];
  const all = [...configuredProviders(config, outgoing, log), createEmbeddedProvider({ engine }), ...scripted];
  const providers = new Map(all.map((provider) => [provider.name, provider]));
  const admission = new Admission(admissionLimits(config));
  const { ledger, access } = home;
  const line = { catalogue, routing, ledger, providers, admission, counter, deadlines: deadlines(config), clock, log };
  const exchange = createExchange(line);

  const listener = createListener({
    host: config.server.host,
    port: config.server.port,
    serve: exchange.serve,
    access,
    dialects: [openaiChatDialect],
    creditUnit: config.credits.unit,
    creditsPerUsd: BigInt(config.credits.per_usd),
    records: ledger,
    keys: access,
    models: { list: () => routing.listings(), find: (id) => routing.listing(id) },
    parameterSchema,
    readiness: () => readiness(config, engine, localModel.routed()?.missing),
    version,
    log,
    clock,
    newId,
    limits: httpLimits(config),
  });
  const sweep = setInterval(() => void expireHolds(home, log), sweepEveryMs);
  sweep.unref();

  return {
    home,
    library,
    engine,
    localModel,
    models: routing,
    start: () => listener.start(),
    inFlight: () => admission.inFlight + admission.queued,
    readPrices: () => readPricesAgain(readPrices, log),
    async stop(drainMs) {
      clearInterval(sweep);
      await listener.drain(drainMs);
      await exchange.settled();
      await Promise.all([engine.close(), counter.close(), outgoing.close()]);
      await home.close();
    },
  };
}

/** How often holds whose request never came back are released. */
const sweepEveryMs = 30_000;

async function expireHolds({ ledger }: Home, log: Log): Promise<void> {
  try {
    const expired = await ledger.expireHolds();
    if (expired.length > 0) log.warn({ requestIds: expired }, 'holds expired whose requests never came back');
  } catch (error) {
    log.error({ error }, 'holds could not be looked through');
  }
}

/** Prices that were in force stay so until the file is right: half a price change is a wrong price. */
function readPricesAgain(readPrices: () => void, log: Log): void {
  try {
    readPrices();
    log.info({}, 'the prices were read anew');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    log.error({ problems: error.problems }, 'the price file has mistakes; the prices before stay in force');
  }
}
