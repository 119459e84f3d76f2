import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { inject } from 'vitest';

/** An empty database of one test. */
export interface TestDatabase {
  readonly url: string;
  /** Runs a script as the database's owner, and gives the rows of its last statement. */
  run(script: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Cuts the connections of whoever is still there. */
  drop(): Promise<void>;
}

/** Makes a database on the server that all tests share; the first one to ask for it starts it. */
export async function makeDatabase(): Promise<TestDatabase> {
  const urlOf = await sharedServer();
  const name = `test_${randomBytes(8).toString('hex')}`;
  const server = connect(urlOf('postgres'));
  await server.unsafe(`CREATE DATABASE ${name}`);
  const url = urlOf(name);
  const owner = connect(url);
  return {
    url,
    run: async (script) => owner.unsafe<Record<string, unknown>[]>(script),
    drop: async () => {
      await owner.end();
      await server.unsafe(`DROP DATABASE ${name} WITH (FORCE)`);
      await server.end();
    },
  };
}

/** Connects with the first script. */
function connect(url: string): postgres.Sql {
  return postgres(url, { max: 1, fetch_types: false, onnotice: () => undefined });
}

async function sharedServer(): Promise<(database: string) => string> {
  const reply = await fetch(inject('postgresStarter'));
  const text = await reply.text();
  if (!reply.ok) throw new Error(text);
  return (database) => text.replace('{database}', database);
}
