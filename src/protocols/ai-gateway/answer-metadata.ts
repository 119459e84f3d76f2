import type { Answer, Choice } from '../../model/answer.ts';
import type { Bill, ToldAttempt } from '../../model/event.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { Envelope } from '../codec.ts';
import { withCarried } from '../wire/carried.ts';
import { wire } from '../wire/said.ts';
import { usdText } from './usd-text.ts';
import { writeWarning } from './warnings.ts';

/** Where an answer can hold fields that have no word here. The third is a part's, by its index: `content[2]`. */
export type CarryPlace = 'body' | 'providerMetadata' | `content[${number}]`;

/** The fields that came from this protocol at one place of the one answer that there is. */
export function carriedAt(carried: Answer['carried'], place: CarryPlace): JsonObject {
  return carried
    .filter((one) => one.protocol === 'ai-gateway' && one.place === place && (one.answer ?? 0) === 0)
    .reduce<JsonObject>((fields, one) => ({ ...fields, ...one.fields }), {});
}

export interface AnswerFacts {
  readonly envelope: Envelope;
  readonly request: GenerateRequest | undefined;
  readonly model: string;
  readonly provider: string | undefined;
  readonly attempts: readonly ToldAttempt[] | undefined;
  readonly bill: Bill | undefined;
  readonly choice: Pick<Choice, 'stopSequence'>;
  /** Those that came too late for the warnings. */
  readonly lateNotices: readonly Notice[];
}

/** Who answered, at what cost, under which id `getGenerationInfo` finds it; and what no other field says. */
export function writeMetadata(facts: AnswerFacts, carried: JsonObject): JsonObject {
  const { envelope, request, model, provider, attempts, bill, choice, lateNotices } = facts;
  const routing = wire({
    originalModelId: request?.model,
    canonicalSlug: model,
    resolvedProvider: provider,
    finalProvider: provider,
    attempts: attempts?.map(writeAttempt),
  });
  const gateway = wire({
    routing,
    cost: bill === undefined ? undefined : usdText(bill.total),
    generationId: envelope.id,
  });
  const flashmux = wire({
    requestId: envelope.requestId,
    stopSequence: choice.stopSequence,
    warnings: lateNotices.length === 0 ? undefined : lateNotices.map(writeWarning),
  });
  return withCarried({ gateway, flashmux }, carried);
}

/** As the gateway itself tells its attempts, as far as they are known here. */
function writeAttempt({ provider, model, durationMs, fault }: ToldAttempt): JsonObject {
  return wire({ provider, providerApiModelId: model, success: fault === undefined, error: fault, durationMs });
}
