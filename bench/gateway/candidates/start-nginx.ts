import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { scenarioPath, targetAt, type Candidate, type HostPlace } from './candidate.ts';
import { freePort, GatewayProcess } from './gateway-process.ts';

/** The program, as Debian's packages place it. */
const program = 'nginx';

/** Undefined where it is not installed. */
export function nginxVersion(): string | undefined {
  // It says its version on standard error.
  return /nginx\/([\d.]+)/.exec(spawnSync(program, ['-v'], { encoding: 'utf8' }).stderr ?? '')?.[1];
}

/** A reverse proxy and nothing else: one worker, kept-alive connections to the host, streams handed on as they come, no log of accesses. */
export async function startNginx(folder: string, host: HostPlace): Promise<Candidate> {
  const version = nginxVersion();
  if (version === undefined) throw new Error('nginx is not installed.');
  const port = await freePort();
  await mkdir(path.join(folder, 'temporary'), { recursive: true });
  const file = path.join(folder, 'nginx.conf');
  await writeFile(file, configuration(port, host));
  const server = new GatewayProcess({ command: program, words: ['-p', folder, '-c', file, '-e', 'stderr'], folder });
  await server.listens(port);
  return {
    name: 'nginx',
    version,
    processIds: [server.processId],
    target: ({ scenario }) => targetAt(port, scenarioPath(scenario)),
    stop: () => server.stop(),
  };
}

function configuration(port: number, host: HostPlace): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `  ${kind}_temp_path temporary;`);
  // Without this the worker of a master that root started may not write in the folder.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  return `
${user}
daemon off;
worker_processes 1;
worker_rlimit_nofile 65536;
pid nginx.pid;
error_log stderr warn;
events { worker_connections 32768; }
http {
${temporary.join('\n')}
  access_log off;
  tcp_nodelay on;
  keepalive_requests 10000000;
  client_max_body_size 64m;
  client_body_buffer_size 8m;
  upstream host { server 127.0.0.1:${host.port}; keepalive 512; keepalive_requests 10000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://host;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_read_timeout 600s;
    }
  }
}
`;
}
