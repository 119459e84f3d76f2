import { createServer } from 'node:http';
import type { TestProject } from 'vitest/node';
import { PostgresServer } from './postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address that starts PostgreSQL when it is first asked, and tells its URL with {database} in the place of the name. */
    postgresStarter: string;
  }
}

/**
 * One PostgreSQL for a whole run of tests. It belongs to the process that starts the workers and is started by the first test
 * that asks for it, so that runs without such tests do not wait for it.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  let starting: Promise<PostgresServer> | undefined;
  const starter = createServer((_, response) => {
    starting ??= PostgresServer.start();
    starting.then(
      (server) => response.end(server.url('{database}')),
      (error: unknown) => response.writeHead(500).end(String(error instanceof Error ? (error.cause ?? error) : error)),
    );
  });
  await new Promise<void>((resolve) => starter.listen(0, '127.0.0.1', resolve));
  const address = starter.address();
  if (address === null || typeof address === 'string') throw new Error('The starter of PostgreSQL has no port.');
  project.provide('postgresStarter', `http://127.0.0.1:${address.port}/`);
  return async () => {
    starter.closeAllConnections();
    await new Promise((resolve) => starter.close(resolve));
    await (await starting?.catch(() => undefined))?.stop();
  };
}
