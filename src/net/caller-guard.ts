import { lookup as systemLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { FlashmuxError } from '../model/fault.ts';
import { isPublicAddress } from './public-address.ts';
import { buildConnector } from './undici-parts.ts';

export interface CallerGuardOptions {
  /** True: callers may name any address. For development and closed networks only. */
  readonly allowPrivateForCallers: boolean;
  /**
   * Single places that callers may reach though the guard would refuse them, as `address:port` (`10.0.0.7:8080`,
   * `[::1]:8080`). A `name:port` opens the port of that name, not the addresses behind it.
   */
  readonly openToCallers: readonly string[];
  readonly callerPorts: readonly number[];
  readonly connectTimeoutMs: number;
  readonly resolveHost: ResolveHost;
}

/** All addresses of a host name. */
export type ResolveHost = (hostname: string) => Promise<readonly ResolvedAddress[]>;

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

export const systemResolveHost: ResolveHost = (hostname) => systemLookup(hostname, { all: true, verbatim: true });

/**
 * Keeps addresses that came from a caller away from what only this machine can reach. The address is checked three times, each
 * time against another trick: as written (a literal is never looked up), as resolved inside the connection itself (so that a
 * name cannot change between check and use), and as connected.
 */
export class CallerGuard {
  readonly #options: CallerGuardOptions;
  readonly #open: ReadonlySet<string>;

  constructor(options: CallerGuardOptions) {
    this.#options = options;
    this.#open = new Set(options.openToCallers);
  }

  /** Throws `forbidden` where the port is not for callers. */
  check(url: URL): void {
    if (this.#options.allowPrivateForCallers) return;
    const hostname = withoutBrackets(url.hostname);
    const port = portOf(url.protocol, url.port);
    if (this.#isOpen(hostname, port)) return;
    if (!this.#options.callerPorts.includes(port)) {
      const ports = this.#options.callerPorts.join(', ');
      throw new FlashmuxError('forbidden', `Port ${port} of ${hostname} is not open to fetches. Ports that are: ${ports}.`);
    }
  }

  /** Connects for one fetch, and only to an address that passed. */
  readonly connect: buildConnector.connector = (target, callback) => {
    const port = portOf(target.protocol, target.port);
    const hostname = withoutBrackets(target.hostname);
    try {
      if (isIP(hostname) !== 0) this.#demandPublic(hostname, hostname, port);
    } catch (error) {
      callback(asError(error), null);
      return;
    }
    const connector = buildConnector({
      allowH2: false,
      timeout: this.#options.connectTimeoutMs,
      lookup: this.#lookup(port),
    });
    connector(target, (...[error, socket]) => {
      if (error !== null) {
        callback(error, null);
        return;
      }
      try {
        this.#demandPublic(socket.remoteAddress ?? '', hostname, port);
        callback(null, socket);
      } catch (refusal) {
        socket.destroy();
        callback(asError(refusal), null);
      }
    });
  };

  #lookup(port: number): LookupFunction {
    return (hostname, options, callback) => void this.#answer(hostname, port, options.all === true, callback);
  }

  async #answer(hostname: string, port: number, all: boolean, callback: Parameters<LookupFunction>[2]): Promise<void> {
    let addresses: readonly [ResolvedAddress, ...ResolvedAddress[]];
    try {
      addresses = await this.#resolve(hostname, port);
    } catch (error) {
      callback(asError(error), '');
      return;
    }
    const [first] = addresses;
    if (all) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  }

  /** One refused address refuses the name: a mixed answer is an attack or a mistake, and both end here. */
  async #resolve(hostname: string, port: number): Promise<readonly [ResolvedAddress, ...ResolvedAddress[]]> {
    const [first, ...others] = await this.#options.resolveHost(hostname);
    if (first === undefined) throw new FlashmuxError('upstream_failed', `${hostname} has no address.`);
    for (const { address } of [first, ...others]) this.#demandPublic(address, hostname, port);
    return [first, ...others];
  }

  #demandPublic(address: string, hostname: string, port: number): void {
    if (this.#options.allowPrivateForCallers || this.#isOpen(address, port) || isPublicAddress(address)) return;
    // The address a name resolved to stays out of the message: it would be a map of the inner network for whoever asks.
    throw new FlashmuxError('forbidden', `${hostname} is not on the public internet; only public addresses are fetched.`);
  }

  #isOpen(address: string, port: number): boolean {
    return this.#open.has(isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`);
  }
}

function portOf(protocol: string, port: string): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}

function withoutBrackets(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
