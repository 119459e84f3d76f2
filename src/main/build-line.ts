import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Config } from '../config/schema.ts';
import { createExchange, type Exchange, type ExchangeOptions } from '../exchange/serve.ts';
import { createRouting, type Routing, type RoutingOptions } from '../routing/routing.ts';
import { systemClock } from '../telemetry/clock.ts';
import { newChance } from '../telemetry/ids.ts';
import { configuredAccountKeys } from './account-keys.ts';
import { configuredHosts } from './configured-models.ts';
import { deadlines, retries, routingOf } from './from-config.ts';
import { scriptedHosts } from './scripted-models.ts';

function ticks(): number {
  return systemClock.ticks();
}

/** Who answers, as it is configured. */
export function buildRouting(config: Config, catalogue: Catalogue, local: RoutingOptions['local']): Routing {
  const hosts = [...configuredHosts(config, catalogue), ...(config.scripted.enabled ? scriptedHosts() : [])];
  return createRouting({ catalogue, hosts, local, settings: routingOf(config), ticks, chance: newChance });
}

type Configured = 'deadlines' | 'retries' | 'chance' | 'whenShort' | 'accountKey';

/** The line of every request, as it is configured. */
export function buildExchange(config: Config, line: Omit<ExchangeOptions, Configured>): Exchange {
  return createExchange({
    ...line,
    deadlines: deadlines(config),
    retries: retries(config),
    chance: newChance,
    whenShort: config.credits.when_short,
    accountKey: configuredAccountKeys(config),
  });
}
