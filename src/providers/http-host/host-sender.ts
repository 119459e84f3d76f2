import type { Clock, Deadlines } from '../../model/ports.ts';
import type { Outgoing, OutgoingAnswer } from '../../net/outgoing.ts';
import { systemClock } from '../../telemetry/clock.ts';
import { silentLog, type Log } from '../../telemetry/log.ts';
import type { KeyRing } from '../key-ring.ts';
import type { HostProtocol } from './host-protocol.ts';
import type { KeyTrial } from './key-trial.ts';
import { readText } from './read-text.ts';
import { upstreamFault } from './upstream-fault.ts';

/** What every provider behind HTTP is made of. */
export interface HttpHostOptions {
  /** The name in the configuration; it stands in messages and records. */
  readonly name: string;
  /** Up to the version, such as `https://api.example.com/v1`. */
  readonly baseUrl: string;
  /** Absent or empty: the host is asked without a key. */
  readonly keys?: KeyRing;
  /** Added to each request, in place of our own of the same name. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly outgoing: Outgoing;
  /** Whether the host stops, and stops billing, when the connection is closed. */
  readonly cancellable: boolean;
  readonly log?: Log;
  readonly clock?: Clock;
}

export interface Message {
  /** Below the base URL. */
  readonly path: string;
  readonly body: string | Uint8Array;
  readonly requestId?: string;
  readonly deadlines: Pick<Deadlines, 'firstEventMs' | 'idleMs'>;
}

type SenderOptions = Pick<HttpHostOptions, 'name' | 'baseUrl' | 'headers' | 'outgoing' | 'log' | 'clock'>;

/** What of a wire language is needed to send. */
type SenderProtocol = Pick<HostProtocol, 'streams' | 'headers' | 'authorize' | 'client' | 'ownStatuses'>;

/** Sends bodies to one host and gives back answers that are none of an error. */
export class HostSender {
  readonly #options: SenderOptions;
  readonly #protocol: SenderProtocol;
  readonly #baseUrl: string;
  /** The same with every call. */
  readonly #fixed: Readonly<Record<string, string>>;
  readonly #own: Readonly<Record<string, string>>;
  readonly #log: Log;

  constructor(options: SenderOptions, protocol: SenderProtocol) {
    this.#options = options;
    this.#protocol = protocol;
    this.#baseUrl = options.baseUrl.replace(/\/+$/, '');
    this.#fixed = {
      'content-type': 'application/json',
      accept: protocol.streams ? 'text/event-stream, application/json' : 'application/json',
      'user-agent': 'flashmux',
      ...protocol.headers,
    };
    this.#own = lowerCased(options.headers ?? {});
    this.#log = (options.log ?? silentLog).child({ provider: options.name });
  }

  /** Throws the fault of an error reply, and what `Outgoing.send` throws. */
  async send(message: Message, keys: KeyTrial, signal: AbortSignal): Promise<OutgoingAnswer> {
    const { path, body, requestId, deadlines } = message;
    const answer = await this.#options.outgoing.send(
      {
        method: 'POST',
        url: `${this.#baseUrl}${path}`,
        headers: this.#headers(keys.key, requestId),
        body,
        owner: 'operator',
        headTimeoutMs: deadlines.firstEventMs,
        idleTimeoutMs: deadlines.idleMs,
      },
      signal,
    );
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw await this.#faultOf(answer, keys, requestId);
  }

  #headers(key: string | undefined, requestId: string | undefined): Readonly<Record<string, string>> {
    return {
      ...this.#fixed,
      ...(key === undefined ? {} : this.#protocol.authorize(key)),
      ...this.#own,
      ...(requestId === undefined ? {} : { 'x-request-id': requestId }),
    };
  }

  async #faultOf(answer: OutgoingAnswer, keys: KeyTrial, requestId: string | undefined): Promise<Error> {
    const { name, clock = systemClock } = this.#options;
    const { client, ownStatuses } = this.#protocol;
    const { status, headers } = answer;
    const body = await readText(answer.body, maxErrorBytes, 'cut');
    this.#log.warn({ requestId, status }, 'provider answered with an error');
    const reply = {
      provider: name,
      status,
      headers,
      body,
      now: clock.now(),
      keyOwner: keys.owner,
      ...(keys.key === undefined ? {} : { apiKey: keys.key }),
      ...(ownStatuses === undefined ? {} : { ownStatuses }),
    };
    return upstreamFault(reply, client);
  }
}

/** Bytes of an error reply that may hold something to read. */
const maxErrorBytes = 64 * 1024;

/** One spelling a name: `Authorization` of the configuration must replace ours, not stand beside it. */
function lowerCased(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
