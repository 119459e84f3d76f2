import path from 'node:path';
import { targetAt, type Candidate, type HostPlace } from './candidate.ts';
import { freePort, GatewayProcess } from './gateway-process.ts';

/** The least that a proxy on Node can do (least-proxy.ts). */
export async function startLeastProxy(folder: string, host: HostPlace): Promise<Candidate> {
  const port = await freePort();
  const server = new GatewayProcess({
    command: process.execPath,
    words: [path.join(import.meta.dirname, '../least-proxy.ts'), String(port), `http://127.0.0.1:${host.port}`],
    folder,
  });
  await server.listens(port);
  return {
    name: 'least',
    version: process.versions.node,
    processIds: [server.processId],
    target: () => targetAt(port, '/v1/chat/completions'),
    stop: () => server.stop(),
  };
}
