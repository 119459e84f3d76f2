import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { CandidateName } from '../works/works.ts';
import type { Candidate, HostPlace } from './candidate.ts';
import { makeFlashmuxHome, startFlashmux } from './start-flashmux.ts';
import { startNginx } from './start-nginx.ts';
import { startPortkey } from './start-portkey.ts';

/** A gateway that can be started, as often as is wanted, on one folder. */
export interface GatewayStart {
  readonly name: CandidateName;
  readonly folder: string;
  start(): Promise<Candidate>;
}

export interface StartsOptions {
  /** It is made where it is not there. */
  readonly folder: string;
  readonly host: HostPlace;
  /** Main module of flashmux. */
  readonly program: string;
}

/** All gateways, each on a folder of its own; that of flashmux has its customer already. */
export async function gatewayStarts({ folder, host, program }: StartsOptions): Promise<readonly GatewayStart[]> {
  const made = async (name: CandidateName): Promise<string> => {
    const own = path.join(folder, name);
    await mkdir(own, { recursive: true });
    return own;
  };
  const [nginx, flashmux, portkey] = [await made('nginx'), await made('flashmux'), await made('portkey')];
  const key = await makeFlashmuxHome({ folder: flashmux, host });
  return [
    { name: 'nginx', folder: nginx, start: () => startNginx(nginx, host) },
    { name: 'flashmux', folder: flashmux, start: () => startFlashmux({ folder: flashmux, host, program }, key) },
    { name: 'portkey', folder: portkey, start: () => startPortkey(portkey, host) },
  ];
}
