import type { Config } from '../config/schema.ts';
import type { Account } from '../ledger/account.ts';
import { readUsdDecimal, usdDecimal } from '../ledger/amount.ts';
import type { LowBalance } from '../ledger/create-ledger.ts';
import type { NanoUsd } from '../model/money.ts';
import type { Clock } from '../model/ports.ts';
import type { Outgoing } from '../net/outgoing.ts';
import { newId } from '../telemetry/ids.ts';
import type { Log } from '../telemetry/log.ts';
import { createWebhooks, type Webhooks } from '../webhooks/create-webhooks.ts';
import type { WebhookTarget } from '../webhooks/deliver-event.ts';
import type { WebhookEvent } from '../webhooks/webhook-event.ts';

/** Where events go; undefined where the configuration names no place. */
export function webhookTarget({ webhooks: { url, secret } }: Config): WebhookTarget | undefined {
  // The schema refuses an address without a secret.
  return url === undefined || secret === undefined ? undefined : { url, secret };
}

export interface WebhookDeps {
  readonly outgoing: Outgoing;
  readonly clock: Clock;
  readonly log: Log;
}

/** The deliveries of a server; undefined where the configuration names no place. */
export function configuredWebhooks(config: Config, deps: WebhookDeps): Webhooks | undefined {
  const target = webhookTarget(config);
  return target === undefined ? undefined : createWebhooks({ ...deps, target });
}

export interface LowBalanceDeps {
  readonly webhooks: Webhooks;
  readonly clock: Pick<Clock, 'now'>;
  /** Has the next settlement tell it again. */
  readonly untell: (accountId: string) => Promise<void>;
}

/** Tells the operator's server of accounts that run low, once each time. */
export function lowBalanceTeller({ webhooks: { low_balance_usd: text } }: Config, deps: LowBalanceDeps): LowBalance {
  const below = text === undefined ? undefined : readUsdDecimal(text);
  return {
    ...(below === undefined ? {} : { below }),
    onLow: (account, available) => {
      const event = lowCredits(account, { available, below: account.lowBalance ?? below ?? 0n }, deps.clock.now());
      deps.webhooks.send(event, () => deps.untell(account.id));
    },
  };
}

interface LowFigures {
  readonly available: NanoUsd;
  readonly below: NanoUsd;
}

/** `balance` is what the mark is compared with: what open holds have set aside is in it, because most of that comes back. */
function lowCredits(account: Account, { available, below }: LowFigures, createdAt: number): WebhookEvent {
  const balance = available + account.pending;
  return {
    id: newId('evt'),
    type: 'credits.low',
    createdAt,
    data: {
      account: account.id,
      balance_usd: usdDecimal(balance),
      balance_nano_usd: balance.toString(),
      held_usd: usdDecimal(account.pending),
      held_nano_usd: account.pending.toString(),
      below_usd: usdDecimal(below),
      below_nano_usd: below.toString(),
    },
  };
}
