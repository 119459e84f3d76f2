import type { Command } from 'commander';
import { FlashmuxError } from '../model/fault.ts';
import { systemClock } from '../telemetry/clock.ts';
import { newId } from '../telemetry/ids.ts';
import { deliverEvent, isDelivered } from '../webhooks/deliver-event.ts';
import { configOf, interruptSignal, logOf, wantsJson, type Context } from './context.ts';

export function addWebhooksCommands(program: Command, context: Context): void {
  const { terminal } = context;
  program
    .command('webhooks')
    .description("events for the operator's own server")
    .command('test')
    .description('send a signed test event to webhooks.url, once')
    .action(async (_, command: Command) => {
      const loaded = configOf(context, command);
      const { createOutgoing } = await import('../net/create-outgoing.ts');
      const { webhookTarget } = await import('../main/low-balance-webhooks.ts');
      const target = webhookTarget(loaded.config);
      if (target === undefined) {
        throw new FlashmuxError('invalid_request', 'No webhooks.url is set. Set it, and webhooks.secret, in flashmux.yaml.');
      }
      const event = { id: newId('evt'), type: 'webhooks.test', createdAt: systemClock.now(), data: {} } as const;
      const outgoing = createOutgoing({ log: logOf(context, loaded) });
      try {
        const status = await deliverEvent(event, target, { outgoing, clock: systemClock }, interruptSignal());
        if (!isDelivered(status)) {
          throw new FlashmuxError(
            'upstream_refused',
            `${target.url} answered ${status}; only 2xx takes an event. It was ${event.id}.`,
          );
        }
        if (wantsJson(command)) terminal.out(JSON.stringify({ id: event.id, delivered: true, status }));
        else terminal.out(`delivered ${event.id} to ${target.url}: ${status}`);
      } finally {
        await outgoing.close();
      }
    });
}
