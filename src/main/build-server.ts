import { freemem } from 'node:os';
import type { PriceReading } from '../admin/admin-deps.ts';
import { RateLimiter } from '../access/rate-limiter.ts';
import { RateSharing } from '../access/rate-sharing.ts';
import { ConfigError } from '../config/load-config.ts';
import type { Config } from '../config/schema.ts';
import { createLocalEngine, type LocalEngine } from '../engine/local-engine.ts';
import { createModelLibrary, type ModelLibrary } from '../engine/models/model-library.ts';
import { createTokenCounter } from '../engine/tokens/token-counter.ts';
import { Admission } from '../exchange/admission.ts';
import { createCountInput } from '../exchange/count-input.ts';
import type { Readiness } from '../http/health-routes.ts';
import { createOutgoing } from '../net/create-outgoing.ts';
import type { Routing } from '../routing/routing.ts';
import { createSessions } from '../sessions/create-sessions.ts';
import { systemClock } from '../telemetry/clock.ts';
import { newId, newSeed } from '../telemetry/ids.ts';
import type { Log } from '../telemetry/log.ts';
import { buildCatalogue, type PricedCatalogue } from './build-catalogue.ts';
import { buildAdminListener, buildListener, type ListenerParts } from './build-listeners.ts';
import { buildEmbed } from './build-embed.ts';
import { buildExchange, buildRouting } from './build-line.ts';
import { buildProviders } from './build-providers.ts';
import { keepHouse } from './keep-house.ts';
import { LocalModel } from './local-model.ts';
import { configuredWebhooks, lowBalanceTeller } from './low-balance-webhooks.ts';
import { admissionLimits, engineOptions, readiness, sessionSettings } from './from-config.ts';
import { homeOf } from './home-of.ts';
import { openHome, type Home } from './open-home.ts';

export interface FlashmuxServer {
  readonly home: Home;
  readonly library: ModelLibrary;
  readonly engine: LocalEngine;
  readonly localModel: LocalModel;
  /** Every model that somebody here would answer for. */
  readonly models: Pick<Routing, 'listings' | 'listing'>;
  start(): Promise<{ readonly url: string; readonly host: string; readonly port: number }>;
  /** The admin API, on a listener of its own; undefined where the configuration switches it off. */
  startAdmin(): Promise<{ readonly url: string } | undefined>;
  /** Requests that run or wait. */
  inFlight(): number;
  /** Reads the operator's price file anew. With a mistake in it the prices before stay; the log, and what it gives, say where it is. */
  readPrices(): PriceReading;
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
  const priced = await buildCatalogue(config, library, () => clock.now());
  const { catalogue, unpriced } = priced;
  if (unpriced.length > 0) log.warn({ models: unpriced }, 'models without a price: calls of them cost nothing');
  const webhooks = configuredWebhooks(config, { outgoing, clock, log });
  const untell = (accountId: string): Promise<void> => home.ledger.untellLowBalance(accountId);
  const home: Home = await openHome({
    ...homeOf(config),
    role: store,
    log,
    ...(onFailure === undefined ? {} : { onFailure }),
    ...(webhooks === undefined ? {} : { lowBalance: lowBalanceTeller(config, { webhooks, clock, untell }) }),
  });
  const engine = createLocalEngine({ ...engineOptions(config), log, clock, newCallId: () => newId('call'), newSeed });
  const localModel = new LocalModel(config.engine, engine, library, library.chooseDefault(freemem()).id);
  const counter = createTokenCounter();

  const routing = buildRouting(config, catalogue, () => localModel.routed());
  const providers = buildProviders(config, { catalogue, outgoing, log, engine });
  const admission = new Admission(admissionLimits(config));
  const line = { catalogue, routing, ledger: home.ledger, providers, admission, counter, clock, log };
  const exchange = buildExchange(config, line);
  const embed = buildEmbed({ ...line, config, engine, localModel, outgoing });

  const limiter = new RateLimiter();
  const sharing = rateSharing(home, limiter, log);
  const inFlight = (): number => admission.inFlight + admission.queued;
  const readPrices = (): PriceReading => readPricesAgain(priced, log);
  const isReady = (): Readiness => readiness(config, engine, localModel.routed()?.missing);
  const sessions = createSessions({ ...sessionSettings(config), store: home.sessions, clock, newId });
  const own = { config, log, version, home, priced, routing, limiter, sessions };
  const parts: ListenerParts = {
    ...own,
    serve: exchange.serve,
    embed,
    countInput: createCountInput(line),
    readiness: isReady,
    readPrices,
    inFlight,
  };
  const listener = buildListener(parts);
  const admin = buildAdminListener(parts);
  const house = keepHouse({ ledger: home.ledger, sessions }, log);

  return {
    home,
    library,
    engine,
    localModel,
    models: routing,
    start: () => listener.start(),
    startAdmin: async () => admin?.start(),
    inFlight,
    readPrices,
    async stop(drainMs) {
      house.stop();
      const deadline = clock.ticks() + drainMs;
      await listener.drain(drainMs);
      await exchange.settled(Math.max(deadline - clock.ticks(), lastWordsMs));
      await Promise.all([admin?.close(), webhooks?.close(webhookGraceMs)]);
      await Promise.all([engine.close(), outgoing.close(), sharing?.stop()]);
      // Answers that were still read for callers who left have lost their hosts now; they are settled for what was said.
      await exchange.settled(lastSettlementsMs);
      await counter.close();
      await home.close();
    },
  };
}

/** With one database for several processes, limits by the minute hold for all of them together. */
function rateSharing({ rates }: Home, limiter: RateLimiter, log: Log): RateSharing | undefined {
  if (rates === undefined) return undefined;
  const onFault = (error: unknown): void => log.warn({ error }, 'limits by the minute could not be shared with other processes');
  const sharing = new RateSharing({ limiter, share: rates, ticks: () => systemClock.ticks(), onFault });
  sharing.start();
  return sharing;
}

/** Hosts that were told to stop at the deadline may still say what they used. */
const lastWordsMs = 2_500;
/** Counting and storing them; a store that stays away for longer finds the holds at the next start. */
const lastSettlementsMs = 15_000;

/** How long webhooks that are being sent may take at the end. */
const webhookGraceMs = 5_000;

/** Prices that were in force stay so until the file is right: half a price change is a wrong price. */
function readPricesAgain({ readPrices }: PricedCatalogue, log: Log): PriceReading {
  try {
    readPrices();
    log.info({}, 'the prices were read anew');
    return { kind: 'read' };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { problems } = error;
    log.error({ problems }, 'the price file has mistakes; the prices before stay in force');
    return { kind: 'refused', problems };
  }
}
