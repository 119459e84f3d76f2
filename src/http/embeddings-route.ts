import type { RateLimiter } from '../access/rate-limiter.ts';
import { openaiEmbeddingsDialect } from '../dialects/openai-embeddings/openai-embeddings-dialect.ts';
import type { Embed } from '../exchange/embed.ts';
import type { Clock } from '../model/ports.ts';
import { countTokens } from './admit-caller.ts';
import { answerHeaders } from './answer-headers.ts';
import { readJsonBody } from './read-body.ts';
import { remainingCredits, type CreditDisplay } from './remaining-credits.ts';
import { commonHeaders, sendJson } from './reply.ts';
import type { KeyedRoute, KeyedVisit } from './route.ts';

export interface EmbeddingDeps extends CreditDisplay {
  readonly embed: Embed;
  readonly clock: Clock;
  readonly limiter: RateLimiter;
  readonly newId: (prefix: 'gen') => string;
}

/** `POST /v1/embeddings` and the same under `/api/v1`. */
export function embeddingRoutes(deps: EmbeddingDeps): readonly KeyedRoute[] {
  const answer = (visit: KeyedVisit): Promise<void> => embed(visit, deps);
  return openaiEmbeddingsDialect.paths.map((path) => ({ method: 'POST', path, key: 'required', answer }));
}

async function embed({ incoming, caller }: KeyedVisit, deps: EmbeddingDeps): Promise<void> {
  const { request, encoding } = openaiEmbeddingsDialect.readRequest(await readJsonBody(incoming));
  incoming.record.model = request.model;
  const { requestId, signal } = incoming;
  const answerId = deps.newId('gen');
  const embedded = await deps.embed({
    requestId,
    answerId,
    caller,
    request,
    signal,
    onBalance: (available) => {
      incoming.remainingCredits = remainingCredits(available, deps);
    },
    onUsage: (usage) => countTokens(incoming, caller, usage, deps),
  });
  signal.throwIfAborted();
  const { model, provider, notices } = embedded;
  const body = openaiEmbeddingsDialect.writeAnswer({ ...embedded, id: answerId, encoding, creditsPerUsd: deps.creditsPerUsd });
  await sendJson(incoming, 200, body, {
    ...commonHeaders(incoming, answerId),
    ...answerHeaders({ model, provider, notices, choices: [], carried: [] }, request.model),
  });
}
