import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject, parseJson } from '../../model/json.ts';
import type { JsonObject } from '../../model/json.ts';
import type { AnswerEvent } from '../../model/event.ts';
import type { SseFrame, StreamReader } from '../codec.ts';
import { unknownFields } from '../wire/carried.ts';
import { readFinishReason } from './finish-reason.ts';
import { PartReader } from './part-reader.ts';
import { readFault } from './read-fault.ts';
import { readUsage } from './usage.ts';
import { readWarnings } from './warnings.ts';
import { isText, Words } from './words.ts';

const finishKeys = new Set(['type', 'finishReason', 'usage', 'providerMetadata']);

/** Reads a stream as the specification's parts; a whole answer goes the same way. */
export function streamReader(): StreamReader {
  return new EventReader();
}

export class EventReader implements StreamReader {
  readonly #parts = new PartReader();
  #hasBegun = false;
  #hasEnded = false;

  read(frame: SseFrame): readonly AnswerEvent[] {
    const data = frame.data.trim();
    if (data === '' || data === '[DONE]') return [];
    const part = parseJson(data);
    if (part === undefined) {
      throw new FlashmuxError('upstream_failed', 'The upstream sent a stream event that is no JSON.');
    }
    return isJsonObject(part) ? this.readPart(part) : [];
  }

  /** The events of one part of a stream. Throws the fault of an error. */
  readPart(part: JsonObject): readonly AnswerEvent[] {
    const out: AnswerEvent[] = [];
    const { type } = part;
    if (typeof type !== 'string') return out;
    switch (type) {
      case 'stream-start':
        for (const notice of readWarnings(part['warnings'])) out.push({ kind: 'notice', notice });
        break;
      case 'response-metadata':
        this.#begin(part, out);
        break;
      case 'error':
        throw readFault(0, { error: part['error'] ?? 'The upstream reported an error.' });
      case 'finish':
        this.#begin({}, out);
        this.#parts.end(out);
        this.#finish(part, out);
        break;
      // Signs of life, and what the gateway got from its own host, which is for debugging and never asked for.
      case 'ping':
      case 'raw':
        break;
      default:
        this.#begin({}, out);
        this.#parts.read(part, out);
    }
    return out;
  }

  end(): readonly AnswerEvent[] {
    if (this.#hasEnded) return [];
    throw new FlashmuxError('upstream_failed', 'The upstream ended its stream before the answer was complete.');
  }

  #begin({ id, modelId, provider, timestamp }: JsonObject, out: AnswerEvent[]): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    const createdAt = typeof timestamp === 'string' ? Math.floor(Date.parse(timestamp) / 1000) : Number.NaN;
    out.push({
      kind: 'answer-start',
      ...(typeof id === 'string' && id !== '' ? { id } : {}),
      ...(typeof modelId === 'string' && modelId !== '' ? { model: modelId } : {}),
      ...(typeof provider === 'string' && provider !== '' ? { provider } : {}),
      ...(createdAt > 0 ? { createdAt } : {}),
    });
  }

  #finish(part: JsonObject, out: AnswerEvent[]): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const words = new Words(part['providerMetadata']);
    const stopSequence = words.take('flashmux', 'stopSequence', isText);
    for (const notice of readWarnings(words.take('flashmux', 'warnings', isWarnings))) out.push({ kind: 'notice', notice });
    words.take('flashmux', 'requestId', isText);
    const { gateway, ...metadata } = words.rest() ?? {};
    carry('providerMetadata', Object.keys(metadata).length === 0 ? undefined : metadata, out);
    carry('body', unknownFields(part, finishKeys), out);
    const usage = isJsonObject(part['usage']) ? readUsage(part['usage']) : undefined;
    // Cost and route of the gateway belong to its account with us, like all of its bill.
    if (usage !== undefined) {
      const raw = gateway === undefined ? usage.raw : { ...usage.raw, gateway };
      out.push({ kind: 'usage', usage: { ...usage, ...(raw === undefined ? {} : { raw }) } });
    }
    const stopped = stopSequence === undefined ? {} : { stopSequence };
    out.push({ kind: 'answer-end', answer: 0, ...readFinishReason(part['finishReason']), ...stopped });
  }
}

function carry(place: 'body' | 'providerMetadata', fields: JsonObject | undefined, out: AnswerEvent[]): void {
  if (fields === undefined) return;
  const answer = place === 'body' ? {} : { answer: 0 };
  out.push({ kind: 'carry', protocol: 'ai-gateway', place, ...answer, fields });
}

function isWarnings(value: unknown): value is readonly JsonObject[] {
  return Array.isArray(value);
}
