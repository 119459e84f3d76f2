import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { targetAt, type Candidate, type HostPlace } from './candidate.ts';
import { freePort, GatewayProcess } from './gateway-process.ts';

/**
 * A package of its own, so that its packages stay out of ours. Its lockfile holds @hono/node-server at 1.13.5: with what the range of
 * the gateway resolves to today (1.19.19), every streamed request is answered with 500 (`TypeError: immutable`, seen 2026-11).
 */
const peers = path.join(import.meta.dirname, '../peers');
const installed = path.join(peers, 'node_modules/@portkey-ai/gateway');

const manifest = z.object({ version: z.string() });

/** Installs what is missing, without running scripts of packages. Throws where npm cannot. */
export function installPeers(): void {
  if (existsSync(path.join(installed, 'package.json'))) return;
  console.log('Installing the gateways to compare with (bench/gateway/peers) ...');
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: peers,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('"npm ci" in bench/gateway/peers failed: the registry of npm must be reachable once.');
}

/** Portkey's gateway on the same Node, told the host in the headers of each call, without checks of keys: it has none. */
export async function startPortkey(folder: string, host: HostPlace): Promise<Candidate> {
  const port = await freePort();
  const server = new GatewayProcess({
    command: process.execPath,
    words: [path.join(installed, 'build/start-server.js'), `--port=${port}`, '--headless'],
    folder,
    environment: { NODE_ENV: 'production' },
  });
  await server.listens(port);
  return {
    name: 'portkey',
    version: manifest.parse(JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8'))).version,
    processIds: [server.processId],
    target: ({ scenario }) =>
      targetAt(port, '/v1/chat/completions', {
        authorization: 'Bearer bench',
        'x-portkey-provider': 'openai',
        'x-portkey-custom-host': `http://127.0.0.1:${host.port}/${scenario}/v1`,
      }),
    stop: () => server.stop(),
  };
}
