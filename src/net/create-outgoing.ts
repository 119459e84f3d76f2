import type { Dispatcher } from 'undici';
import { FlashmuxError } from '../model/fault.ts';
import { silentLog, type Log } from '../telemetry/log.ts';
import { AnswerReceiver } from './answer-receiver.ts';
import { CallerGuard, systemResolveHost, type ResolveHost } from './caller-guard.ts';
import { connectionFault } from './connection-fault.ts';
import type { Outgoing, OutgoingAnswer, OutgoingRequest } from './outgoing.ts';
import { Agent, Client } from './undici-parts.ts';

export interface OutgoingOptions {
  readonly log?: Log;
  /** Connections to one of the operator's hosts; more requests wait for one, within their head deadline. */
  readonly maxConnectionsPerHost?: number;
  readonly connectTimeoutMs?: number;
  /** True: callers may name any address. For development and closed networks only. */
  readonly allowPrivateForCallers?: boolean;
  /** Single places that callers may reach though the guard would refuse them, as `address:port`. */
  readonly openToCallers?: readonly string[];
  /** Ports that callers may name. */
  readonly callerPorts?: readonly number[];
  /** For tests of the guard. */
  readonly resolveHost?: ResolveHost;
}

/**
 * The door out, on undici's dispatch: no fetch and no Web streams, which cost five times as much per request. The operator's
 * hosts share kept-alive connections; a caller's address gets a connection of its own that nothing else uses.
 */
export function createOutgoing(options: OutgoingOptions = {}): Outgoing {
  return new Door(options);
}

/** As many as the listener takes by itself (http/limits.ts): each stream that is served holds one. */
const usualConnectionsPerHost = 16_384;

/** Addresses of the operator's hosts that were parsed: a handful for each provider, whatever the number of calls. */
const mostKnownAddresses = 1_000;

/** No HTTP/2: aborting one of its streams leaves it to the server to notice; a closed connection is noticed by all. */
const allowH2 = false;

class Door implements Outgoing {
  readonly #log: Log;
  readonly #agent: Agent;
  readonly #guard: CallerGuard;
  readonly #fetches = new Set<Client>();
  readonly #known = new Map<string, URL>();
  #closed = false;

  constructor(options: OutgoingOptions) {
    const connectTimeoutMs = options.connectTimeoutMs ?? 10_000;
    this.#log = options.log ?? silentLog;
    // The receiver has the deadlines; undici's own are coarse (half a second) and would be second ones.
    this.#agent = new Agent({
      allowH2,
      connections: options.maxConnectionsPerHost ?? usualConnectionsPerHost,
      connect: { timeout: connectTimeoutMs },
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    this.#guard = new CallerGuard({
      allowPrivateForCallers: options.allowPrivateForCallers ?? false,
      openToCallers: options.openToCallers ?? [],
      callerPorts: options.callerPorts ?? [80, 443],
      connectTimeoutMs,
      resolveHost: options.resolveHost ?? systemResolveHost,
    });
  }

  async send(request: OutgoingRequest, signal: AbortSignal): Promise<OutgoingAnswer> {
    let hop: Hop = { ...request, target: this.#targetOf(request) };
    for (let redirects = 0; ; redirects++) {
      const { head, receiver } = await this.#exchange(hop, signal);
      const location = redirectStatuses.has(head.status) ? head.headers['location'] : undefined;
      if (location === undefined || (request.maxRedirects ?? 0) === 0) {
        return { ...head, body: receiver, url: hop.target.href };
      }
      await receiver.return();
      if (redirects === request.maxRedirects) {
        throw new FlashmuxError('upstream_failed', `${hop.target.host} redirected more than ${redirects} times.`);
      }
      hop = redirected(hop, head.status, this.#checked(location, request.owner, hop.target.href));
      this.#log.debug({ host: hop.target.host, status: head.status }, 'redirect followed');
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#agent.destroy(), ...Array.from(this.#fetches, (client) => client.destroy())]);
  }

  /** What the configuration names is parsed and checked once; a caller's address each time. */
  #targetOf({ url, owner }: OutgoingRequest): URL {
    const known = owner === 'operator' ? this.#known.get(url) : undefined;
    if (known !== undefined) return known;
    const target = this.#checked(url, owner);
    if (owner === 'operator' && this.#known.size < mostKnownAddresses) this.#known.set(url, target);
    return target;
  }

  /** Parsed once; the same object is checked and used, so that no second parser can read it otherwise. */
  #checked(address: string, owner: OutgoingRequest['owner'], base?: string): URL {
    if (!URL.canParse(address, base)) throw new FlashmuxError('forbidden', 'The address is not a URL.');
    const url = new URL(address, base);
    if (url.protocol !== 'https:' && url.protocol !== 'http:') {
      throw new FlashmuxError('forbidden', `Only http and https are fetched, not ${url.protocol.slice(0, -1)}.`);
    }
    if (url.username !== '' || url.password !== '') {
      throw new FlashmuxError('forbidden', `The URL of ${url.host} holds credentials; they belong in a header.`);
    }
    if (owner === 'caller') this.#guard.check(url);
    return url;
  }

  async #exchange(hop: Hop, signal: AbortSignal): Promise<Exchange> {
    if (this.#closed) throw new FlashmuxError('shutting_down', 'The server is shutting down.');
    const { target } = hop;
    const client = hop.owner === 'caller' ? this.#ownClient(target) : undefined;
    const receiver = new AnswerReceiver({
      host: target.host,
      headTimeoutMs: hop.headTimeoutMs,
      idleTimeoutMs: hop.idleTimeoutMs,
      signal,
      onClose: () => this.#forget(client),
    });
    if (!signal.aborted) dispatch(client ?? this.#agent, hop, receiver);
    return { head: await receiver.head, receiver };
  }

  /** One connection, used once: a caller must not meet another caller's connection. */
  #ownClient(target: URL): Client {
    const connect = this.#guard.connect;
    const client = new Client(target.origin, { connect, headersTimeout: 0, bodyTimeout: 0 });
    this.#fetches.add(client);
    return client;
  }

  #forget(client: Client | undefined): void {
    if (client === undefined || !this.#fetches.delete(client)) return;
    client.destroy().catch((error: unknown) => this.#log.debug({ error }, 'connection did not close cleanly'));
  }
}

interface Hop extends OutgoingRequest {
  readonly target: URL;
}

interface Exchange {
  readonly head: Awaited<AnswerReceiver['head']>;
  readonly receiver: AnswerReceiver;
}

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** The next hop as browsers make it: all but 307 and 308 turn into a GET. */
function redirected(hop: Hop, status: number, target: URL): Hop {
  const headers = target.origin === hop.target.origin ? hop.headers : harmless(hop.headers);
  if (status === 307 || status === 308 || hop.method === 'HEAD') return { ...hop, target, headers };
  const { body: _, ...rest } = hop;
  return { ...rest, method: 'GET', target, headers: withoutContent(headers) };
}

/** Headers that may go to another origin. A list of the harmless ones: keys travel under names that no list of secrets knows. */
const harmlessNames: ReadonlySet<string> = new Set([
  'accept',
  'accept-language',
  'content-type',
  'if-range',
  'range',
  'user-agent',
]);

function harmless(headers: OutgoingRequest['headers']): OutgoingRequest['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => harmlessNames.has(name.toLowerCase())));
}

function withoutContent(headers: OutgoingRequest['headers']): OutgoingRequest['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.toLowerCase().startsWith('content-')));
}

function dispatch(dispatcher: Dispatcher, hop: Hop, receiver: AnswerReceiver): void {
  try {
    dispatcher.dispatch(
      {
        origin: hop.target.origin,
        path: `${hop.target.pathname}${hop.target.search}`,
        method: hop.method,
        // Bodies are handed on as they come; nobody here inflates.
        headers: { 'accept-encoding': 'identity', ...hop.headers },
        body: hop.body ?? null,
      },
      receiver,
    );
  } catch (error) {
    // undici throws for a request it cannot write, such as a header with a line break in it.
    receiver.onResponseError(
      undefined,
      connectionFault(error instanceof Error ? error : new Error(String(error)), hop.target.host),
    );
  }
}
