import { FlashmuxError } from '../../model/fault.ts';
import type { Outgoing, OutgoingAnswer } from '../../net/outgoing.ts';
import { newSeed } from '../../telemetry/ids.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Digest } from './digest.ts';
import type { Workspace } from './model-source.ts';
import { PartialFile, removePartial, type Origin } from './partial-file.ts';
import { pause, throwIfAborted } from './waiting.ts';

export interface FileToFetch {
  readonly url: string;
  /** Absent: the answer's head says it, or nobody. */
  readonly bytes?: number;
  /** Absent: nothing to compare with, and the sha256 is only told. */
  readonly digest?: Digest;
}

export interface FetchTools {
  readonly outgoing: Outgoing;
  readonly log: Log;
  /** Milliseconds before the try after so many failures in a row. Absent: exponential with jitter, at most 10 s. */
  readonly retryDelayMs?: (failures: number) => number;
}

export interface FetchedFile {
  readonly bytes: number;
  /** Of the algorithm of the given digest, else sha256. */
  readonly hex: string;
}

/** Failures in a row, without so much new data between them, after which a download gives up. */
const maxFailures = 5;
const progressBytes = 1_000_000;

/**
 * Downloads one file to `path`, going on from what is there: bytes are kept where the whole file's digest is the same (whichever
 * address they came from) or where the server confirms its strong ETag. A connection that breaks is taken up again.
 *
 * Throws FlashmuxError: `upstream_refused` for an answer that will not change (404, a web page in place of the file, a wrong
 * digest: then the file is removed), `upstream_failed` and `upstream_timeout` after the last retry, `model_not_ready` for a full
 * disk, `cancelled` on abort. In all cases but the first what has arrived stays. The note beside the file stays as well, so that
 * asking for the same file again costs nothing until the caller has moved or removed it.
 */
export async function fetchFile(
  file: FileToFetch,
  path: string,
  workspace: Pick<Workspace, 'report' | 'requireSpace'>,
  tools: FetchTools,
  signal: AbortSignal,
): Promise<FetchedFile> {
  for (let fresh = false; ; fresh = true) {
    const { resumed, ...fetched } = await receive(file, path, workspace, tools, signal);
    if (file.digest === undefined || file.digest.hex === fetched.hex) return fetched;
    await removePartial(path);
    // A power cut can leave a file of the right length with holes, so a file that was taken up again gets one clean try.
    if (!resumed || fresh) throw wrongDigest(file.url, file.digest, fetched.hex);
    tools.log.warn({ url: file.url }, 'the resumed download was damaged, starting again');
  }
}

async function receive(
  file: FileToFetch,
  path: string,
  workspace: Pick<Workspace, 'report' | 'requireSpace'>,
  tools: FetchTools,
  signal: AbortSignal,
): Promise<FetchedFile & { readonly resumed: boolean }> {
  throwIfAborted(signal);
  const onRead = (receivedBytes: number, totalBytes: number): void =>
    workspace.report({ phase: 'verifying', receivedBytes, totalBytes });
  const partial = await PartialFile.open(path, file.digest?.algorithm ?? 'sha256', onRead, signal);
  const resumed = partial.bytes > 0;
  try {
    await receiveWithRetries(new Receiver(file, partial, workspace, tools.outgoing), tools, signal);
    await partial.sync();
    return { bytes: partial.bytes, hex: partial.hex(), resumed };
  } finally {
    await partial.close();
  }
}

async function receiveWithRetries(receiver: Receiver, tools: FetchTools, signal: AbortSignal): Promise<void> {
  const delayMs = tools.retryDelayMs ?? retryDelayMs;
  for (let failures = 0; ;) {
    const before = receiver.receivedBytes;
    try {
      await receiver.receive(signal);
      return;
    } catch (error) {
      throwIfAborted(signal);
      if (!isPassing(error)) throw error;
      failures = receiver.receivedBytes - before >= progressBytes ? 1 : failures + 1;
      if (failures >= maxFailures) throw error;
      tools.log.debug({ url: receiver.file.url, failures, error: error.message }, 'download interrupted, trying again');
      await pause(delayMs(failures), signal);
    }
  }
}

/** Half a second, doubled each time, at most 10 s, of which a random half: many servers that start together must not come back together. */
export function retryDelayMs(failures: number): number {
  const full = Math.min(10_000, 500 * 2 ** (failures - 1));
  return full / 2 + (full / 2) * (newSeed() / 2 ** 31);
}

/** One download: sends a request for what is missing and writes what comes. */
class Receiver {
  readonly file: FileToFetch;
  readonly #partial: PartialFile;
  readonly #workspace: Pick<Workspace, 'report' | 'requireSpace'>;
  readonly #outgoing: Outgoing;

  constructor(
    file: FileToFetch,
    partial: PartialFile,
    workspace: Pick<Workspace, 'report' | 'requireSpace'>,
    outgoing: Outgoing,
  ) {
    this.file = file;
    this.#partial = partial;
    this.#workspace = workspace;
    this.#outgoing = outgoing;
  }

  get receivedBytes(): number {
    return this.#partial.bytes;
  }

  /** Returns when the file is whole. Throws `upstream_failed` where the connection ended early. */
  async receive(signal: AbortSignal): Promise<void> {
    const offset = this.#resumableBytes();
    if (offset > 0 && offset === this.#totalBytes()) return;
    const answer = await this.#outgoing.send(
      {
        method: 'GET',
        url: this.file.url,
        headers: { accept: '*/*', 'accept-encoding': 'identity', ...this.#rangeHeaders(offset) },
        owner: 'operator',
        headTimeoutMs: 20_000,
        idleTimeoutMs: 30_000,
        maxRedirects: 5,
      },
      signal,
    );
    try {
      await this.#accept(answer, offset);
      await this.#write(answer);
    } finally {
      // Refused or not, nobody reads further: an unread body would hold its connection.
      await leave(answer);
    }
    const total = this.#totalBytes();
    if (total !== undefined && this.#partial.bytes !== total) {
      throw new FlashmuxError(
        'upstream_failed',
        `The download of ${this.file.url} ended after ${this.#partial.bytes} of ${total} bytes.`,
      );
    }
  }

  #totalBytes(): number | undefined {
    return this.#partial.origin?.totalBytes ?? this.file.bytes;
  }

  /** Bytes on disk that are surely, or as the server will confirm, the beginning of this file. */
  #resumableBytes(): number {
    const { origin, bytes } = this.#partial;
    if (origin === undefined) return 0;
    if (this.file.digest !== undefined) return origin.digest === this.file.digest.hex ? bytes : 0;
    return origin.url === this.file.url && origin.etag !== undefined ? bytes : 0;
  }

  #rangeHeaders(offset: number): Readonly<Record<string, string>> {
    if (offset === 0) return {};
    const etag = this.#partial.origin?.etag;
    // With a digest the bytes may have come from another server, whose ETag means nothing here; the digest decides in the end.
    const confirm = this.file.digest === undefined && etag !== undefined ? { 'if-range': etag } : {};
    return { range: `bytes=${offset}-`, ...confirm };
  }

  /** Makes the file ready for the body. Throws where the body is of no use. */
  async #accept(answer: OutgoingAnswer, offset: number): Promise<void> {
    if (answer.status === 206 && offset > 0) {
      const range = contentRange(answer);
      const total = this.#totalBytes();
      if (range?.start === offset && (total === undefined || range.total === undefined || range.total === total)) {
        await this.#require(range.total ?? total, offset);
        return;
      }
    }
    if (answer.status === 200) {
      await this.#begin(answer);
      return;
    }
    if (offset > 0 && (answer.status === 206 || answer.status === 416)) {
      // Another file now stands at this address, or ours is longer than it: ask again for all of it.
      await this.#partial.begin({ url: this.file.url });
      throw new FlashmuxError('upstream_failed', `${this.file.url} is not the file it was; starting again.`);
    }
    throw refusal(answer);
  }

  async #begin(answer: OutgoingAnswer): Promise<void> {
    if (answer.headers['content-type']?.startsWith('text/html') === true) {
      throw new FlashmuxError(
        'upstream_refused',
        `${this.file.url} answers with a web page, not with a file. At a hub, use the download address of the file (with /resolve/ in place of /blob/).`,
      );
    }
    const length = Number(answer.headers['content-length'] ?? Number.NaN);
    const totalBytes = Number.isSafeInteger(length) ? length : this.file.bytes;
    if (this.file.digest !== undefined && this.file.bytes !== undefined && totalBytes !== this.file.bytes) {
      throw new FlashmuxError('upstream_refused', `${this.file.url} has ${totalBytes} bytes, ${this.file.bytes} were expected.`);
    }
    const etag = answer.headers['etag'];
    const from: Origin = {
      url: this.file.url,
      ...(this.file.digest === undefined ? {} : { digest: this.file.digest.hex }),
      ...(etag === undefined || etag.startsWith('W/') ? {} : { etag }),
      ...(totalBytes === undefined ? {} : { totalBytes }),
    };
    await this.#require(totalBytes, 0);
    await this.#partial.begin(from);
  }

  async #require(totalBytes: number | undefined, offset: number): Promise<void> {
    if (totalBytes !== undefined) await this.#workspace.requireSpace(totalBytes - offset);
  }

  async #write(answer: OutgoingAnswer): Promise<void> {
    const total = this.#totalBytes();
    const size = total === undefined ? {} : { totalBytes: total };
    for await (const chunk of answer.body) {
      if (total !== undefined && this.#partial.bytes + chunk.length > total) {
        throw new FlashmuxError('upstream_refused', `${this.file.url} sends more than the ${total} bytes it announced.`);
      }
      await this.#partial.append(chunk);
      this.#workspace.report({ phase: 'downloading', receivedBytes: this.#partial.bytes, ...size });
    }
  }
}

function contentRange(answer: OutgoingAnswer): { readonly start: number; readonly total: number | undefined } | undefined {
  const match = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.headers['content-range'] ?? '');
  return match === null ? undefined : { start: Number(match[1]), total: match[2] === '*' ? undefined : Number(match[2]) };
}

/** An answer whose body nobody wants holds a connection until it is left. */
export async function leave(answer: OutgoingAnswer): Promise<void> {
  await answer.body[Symbol.asyncIterator]().return?.();
}

/** The fault for a status that is no success: 408, 429 and the server's own faults may pass, the rest will not. */
export function refusal(answer: OutgoingAnswer): FlashmuxError {
  const passes = answer.status >= 500 || answer.status === 408 || answer.status === 429;
  return new FlashmuxError(
    passes ? 'upstream_failed' : 'upstream_refused',
    `${answer.url} answered with status ${answer.status}.`,
    {
      upstream: { status: answer.status },
    },
  );
}

function wrongDigest(url: string, expected: Digest, hex: string): FlashmuxError {
  return new FlashmuxError(
    'upstream_refused',
    `The file from ${url} has the ${expected.algorithm} ${hex} where ${expected.hex} was expected. It was removed.`,
  );
}

function isPassing(error: unknown): error is FlashmuxError {
  return FlashmuxError.is(error) && (error.code === 'upstream_failed' || error.code === 'upstream_timeout');
}
