import type { Engine } from '../../engine/engine.ts';
import type { Provider } from '../../model/ports.ts';
import { withDeadlines } from '../with-deadlines.ts';

export interface EmbeddedProviderOptions {
  readonly engine: Engine;
}

/** The embedded engine as a provider: the request as it is, within the attempt's deadlines. */
export function createEmbeddedProvider({ engine }: EmbeddedProviderOptions): Provider {
  return {
    name: 'embedded',
    cancellable: true,
    run: ({ request, deadlines, provider, accountId }, signal) =>
      withDeadlines({ provider, deadlines }, signal, (inner) => engine.run(request, inner, accountId)),
    countInput: (request, signal) => engine.countInput(request, signal),
  };
}
