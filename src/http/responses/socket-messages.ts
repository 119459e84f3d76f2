import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import { ByteChunks } from '../byte-chunks.ts';
import { readJson } from '../read-json.ts';

/** What a client says over a socket. */
export type SocketMessage =
  | {
      readonly kind: 'create';
      /** The body of a response, as it would be posted with `stream: true`. */
      readonly body: JsonObject;
      /** Every event of the response carries it. */
      readonly streamId?: string;
      /** False: nothing is generated, the input is only remembered for the next turn. */
      readonly generates: boolean;
    }
  | { readonly kind: 'cancel' };

/** What a socket says itself, and what belongs to replies over HTTP. */
const envelopeKeys: ReadonlySet<string> = new Set(['type', 'event_id', 'stream_id', 'generate', 'stream', 'background']);

/**
 * Reads one message. `response.create` holds the body beside its type, or under `response` as early clients wrote it. Throws
 * `invalid_json`, `invalid_request` and `unsupported_value`.
 */
export function readSocketMessage(bytes: Buffer, maxDepth: number): SocketMessage {
  const message = readJson(new ByteChunks([bytes]), maxDepth);
  if (!isJsonObject(message)) throw new FlashmuxError('invalid_request', 'A message must be a JSON object with a type.');
  const { type } = message;
  if (type === 'response.cancel') return { kind: 'cancel' };
  if (type !== 'response.create') throw unknownType(type);
  const inner = message['response'];
  const given = isJsonObject(inner) ? inner : message;
  if (given['background'] === true) {
    throw new FlashmuxError('unsupported_value', 'A response over a socket does not run in the background. Post it.', {
      param: 'background',
    });
  }
  const rest = Object.entries(given).filter(([key]) => !envelopeKeys.has(key));
  const streamId = message['stream_id'];
  return {
    kind: 'create',
    body: { ...Object.fromEntries(rest), stream: true },
    generates: message['generate'] !== false && given['generate'] !== false,
    ...(typeof streamId === 'string' ? { streamId } : {}),
  };
}

function unknownType(type: Json | undefined): FlashmuxError {
  const shown = typeof type === 'string' ? `"${type.slice(0, 100)}"` : 'missing';
  return new FlashmuxError(
    'unsupported_value',
    `The type of a message is ${shown}; it must be response.create or response.cancel.`,
    {
      param: 'type',
    },
  );
}

/** The event that tells a fault, flat and nested at once as in streams, with the status that a reply over HTTP would have. */
export function faultEvent(fault: FlashmuxError, streamId?: string): string {
  const told = { code: fault.row.openaiCode, message: fault.message, param: fault.param ?? null };
  return JSON.stringify({
    type: 'error',
    status: fault.row.status,
    ...told,
    error: { type: fault.row.openaiType, ...told },
    ...(streamId === undefined ? {} : { stream_id: streamId }),
  });
}
