import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { configSchema, type Config } from '../../src/config/schema.ts';
import { buildServer, type FlashmuxServer } from '../../src/main/build-server.ts';
import { localAccountId } from '../../src/main/open-home.ts';
import { silentLog, type Log } from '../../src/telemetry/log.ts';
import { tinyModelPath } from './tiny-gguf/tiny-model-path.ts';

/** The whole program on a free port: the real engine on the generated tiny model, real SQLite, and the scripted provider. */
export interface TestServer {
  readonly url: string;
  readonly key: string;
  /** The data folder. */
  readonly home: string;
  readonly server: FlashmuxServer;
  /** Resolves once no request runs and no sequence of the engine is taken; rejects after 30 s. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

export interface TestServerOptions {
  /** Settings over the test defaults, by section. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly log?: Log;
  /** Keys and records in memory instead of SQLite. */
  readonly store?: 'owner' | 'memory';
}

export async function startTestServer({
  settings = {},
  log = silentLog,
  store = 'owner',
}: TestServerOptions = {}): Promise<TestServer> {
  const home = await mkdtemp(path.join(tmpdir(), 'flashmux-test-'));
  const model = await tinyModelPath({ architecture: 'qwen35moe' });
  const config: Config = configSchema.parse({
    home,
    server: { port: 0 },
    engine: { model, pull: false, context_tokens: 4096, threads: 1 },
    scripted: { enabled: true },
    ...settings,
  });
  const server = await buildServer({ config, log, version: '0.0.0-test', store });
  const { url } = await server.start();
  if (config.engine.enabled) await server.localModel.boot(AbortSignal.timeout(60_000), () => undefined);
  const { secret } = await server.home.access.create({ name: 'test', accountId: localAccountId });
  return {
    url,
    key: secret,
    home,
    server,
    async idle() {
      for (let round = 0; round < 600; round++) {
        const { activeSequences, queued } = await server.engine.figures();
        if (server.inFlight() === 0 && activeSequences === 0 && queued === 0) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error('something still runs after 30 s');
    },
    async stop() {
      await server.stop(5_000);
      await rm(home, { recursive: true, force: true });
    },
  };
}
