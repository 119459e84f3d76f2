import type { Bill } from '../../model/event.ts';
import type { FlashmuxError } from '../../model/fault.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Usage } from '../../model/usage.ts';

/** What a relative of this wire writes otherwise in its answers. */
export interface Flavour {
  /** Every delta of a thought has its entry of `reasoning_details` too, not only a proof: OpenRouter's clients rebuild thoughts from them. */
  readonly detailsInDeltas?: boolean;
  /** Proofs of other protocols stand in `signature`, because OpenRouter's clients send back only the fields that they know. */
  readonly sealsInSignatures?: boolean;
  /** Fields of the usage object beside those of this wire. */
  readonly usageFields?: (usage: Usage, bill: Bill | undefined) => JsonObject;
  /** What a chunk that ends a stream with a fault says beside its id and model. Absent: an error object alone. */
  readonly lastChunk?: (fault: FlashmuxError, requestId: string) => JsonObject;
}

export const plainFlavour: Flavour = {};
