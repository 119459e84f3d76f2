import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { FlashmuxError } from '../model/fault.ts';
import type { Json } from '../model/json.ts';
import { ByteChunks } from './byte-chunks.ts';
import type { Incoming } from './incoming.ts';
import { ownTurn } from './own-turn.ts';
import { readJson } from './read-json.ts';

/**
 * The JSON body of a request. Throws `unsupported_content_type`, `body_too_large`, `request_timeout`, `invalid_json`, and the
 * signal's reason when the request ends early. Call it once, after the caller is known: nothing is read before.
 */
export async function readJsonBody(incoming: Incoming): Promise<Json> {
  const { request, limits } = incoming;
  refuseOtherThanJson(request.headers['content-type']);
  const unpack = unpacker(request.headers['content-encoding']);
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > limits.bodyBytes) throw tooLarge(limits.bodyBytes);
  if (incoming.expectsContinue) incoming.response.writeContinue();
  const bytes = new ByteChunks(await collect(incoming));
  incoming.record.bytesIn = bytes.length;
  const json = await unpack(bytes, limits.bodyBytes);
  if (json.length < largeBytes) return readJson(json, limits.jsonDepth);
  // A prompt of a million tokens takes 10 ms to be read and as many to be understood and routed.
  await ownTurn();
  const value = readJson(json, limits.jsonDepth);
  await ownTurn();
  return value;
}

/** A body above it keeps the event loop long enough that it does so a step a turn. */
const largeBytes = 256 * 1024;

function refuseOtherThanJson(contentType: string | undefined): void {
  if (contentType === undefined) return;
  const [mediaType = '', ...parameters] = contentType.split(';').map((piece) => piece.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  const isJson = mediaType === 'application/json' || (mediaType.startsWith('application/') && mediaType.endsWith('+json'));
  const isUtf8 = charset === undefined || /^"?(?:utf-?8|us-ascii)"?$/.test(charset);
  if (isJson && isUtf8) return;
  throw new FlashmuxError('unsupported_content_type', 'The body must be JSON in UTF-8: send "content-type: application/json".');
}

type Unpack = (bytes: ByteChunks, maxBytes: number) => Promise<ByteChunks>;

const unpackers: Readonly<Record<string, (bytes: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

function unpacker(contentEncoding: string | undefined): Unpack {
  const coding = contentEncoding?.trim().toLowerCase() ?? 'identity';
  if (coding === 'identity' || coding === '') return async (bytes) => bytes;
  const unpack = Object.hasOwn(unpackers, coding) ? unpackers[coding] : undefined;
  if (unpack === undefined) {
    throw new FlashmuxError(
      'unsupported_content_type',
      'The content-encoding of a body must be one of: identity, gzip, deflate, br.',
    );
  }
  return async (bytes, maxBytes) => {
    try {
      return new ByteChunks([await unpack(bytes.all(), { maxOutputLength: maxBytes })]);
    } catch (error) {
      // zlib stops at the limit, so a body that would unpack to gigabytes costs no more than one at the limit.
      if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
      throw new FlashmuxError('invalid_request', `The body cannot be unpacked: it is no ${coding}.`, { cause: error });
    }
  };
}

/** The body's bytes, at most `bodyBytes` and within `bodyMs`. */
function collect({ request, limits, signal }: Incoming): Promise<readonly Buffer[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly Buffer[]>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  const onData = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > limits.bodyBytes) stop(tooLarge(limits.bodyBytes));
    else chunks.push(chunk);
  };
  const onEnd = (): void => resolve(chunks);
  const stop = (error: unknown): void => {
    request.pause();
    reject(error);
  };
  const onAbort = (): void => stop(signal.reason);
  const timer = setTimeout(() => {
    stop(new FlashmuxError('request_timeout', `The body did not arrive completely within ${limits.bodyMs / 1000} seconds.`));
  }, limits.bodyMs);
  const onError = (): void => stop(new FlashmuxError('cancelled', 'The connection broke before the body was complete.'));
  request.on('data', onData).on('end', onEnd).on('error', onError);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    request.off('data', onData).off('end', onEnd).off('error', onError);
  });
}

function tooLarge(maxBytes: number): FlashmuxError {
  return new FlashmuxError('body_too_large', `The body is larger than ${maxBytes} bytes, the limit of this server.`);
}
