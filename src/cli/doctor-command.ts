import { existsSync, statfsSync } from 'node:fs';
import { availableParallelism, freemem, totalmem } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import type { LoadedConfig } from '../config/load-config.ts';
import type { Config } from '../config/schema.ts';
import type { SourceReport } from '../engine/models/probe-sources.ts';
import { homeOf } from '../main/home-of.ts';
import { resolveProvider } from '../main/resolve-provider.ts';
import type { Outgoing } from '../net/outgoing.ts';
import { systemClock } from '../telemetry/clock.ts';
import { silentLog } from '../telemetry/log.ts';
import { configOf, wantsJson, type Context } from './context.ts';

/** One thing that was looked at. */
interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly found: string;
}

export function addDoctorCommand(program: Command, context: Context): void {
  program
    .command('doctor')
    .description('look at everything a server needs on this machine; ends with 1 where something is missing')
    .action(async (_, command: Command) => {
      const { terminal } = context;
      const findings = await examine(configOf(context, command));
      if (wantsJson(command)) terminal.out(JSON.stringify(findings));
      else for (const { what, ok, found } of findings) terminal.out(`${ok ? 'ok  ' : 'MISS'} ${what}: ${found}`);
      if (findings.some(({ ok }) => !ok)) process.exitCode = 1;
    });
}

async function examine(loaded: LoadedConfig): Promise<readonly Finding[]> {
  const { config } = loaded;
  const { createOutgoing } = await import('../net/create-outgoing.ts');
  const outgoing = createOutgoing();
  try {
    const hosts = await Promise.all(
      config.providers.map((provider, index) => reachable(provider, sourceOf(loaded, index), outgoing)),
    );
    return [
      node(),
      { what: 'configuration', ok: true, found: loaded.file ?? 'defaults and environment' },
      machine(),
      disk(config.home),
      await store(config),
      ...(config.engine.enabled ? [await engineLibrary(), ...(await models(config, outgoing))] : []),
      ...(hosts.length > 0 ? hosts : [{ what: 'providers', ok: true, found: 'none configured' }]),
    ];
  } finally {
    await outgoing.close();
  }
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return {
    what: 'Node',
    ok: major > 22 || (major === 22 && minor >= 19),
    found: `${process.versions.node} (22.19 or newer is needed)`,
  };
}

function machine(): Finding {
  return {
    what: 'machine',
    ok: true,
    found: `${availableParallelism()} cores, ${gigabytes(freemem())} of ${gigabytes(totalmem())} GiB memory free`,
  };
}

function disk(home: string): Finding {
  try {
    let folder = home;
    while (!existsSync(folder)) folder = path.dirname(folder);
    const { bavail, bsize } = statfsSync(folder);
    const free = bavail * bsize;
    return {
      what: 'disk',
      ok: free > 2 * 1024 ** 3,
      found: `${(free / 1024 ** 3).toFixed(1)} GiB free at ${home} (a small model needs 2)`,
    };
  } catch (error) {
    return { what: 'disk', ok: false, found: String(error) };
  }
}

async function store(config: Config): Promise<Finding> {
  const { home, database } = config;
  const place = database.url === undefined ? home : 'the database of DATABASE_URL';
  if (database.url === undefined && !existsSync(home))
    return { what: 'data', ok: true, found: `${home} is not there yet; the first start makes it` };
  try {
    const { openHome } = await import('../main/open-home.ts');
    const opened = await openHome({ ...homeOf(config), role: 'guest', log: silentLog });
    const keys = await opened.access.list();
    await opened.close();
    return {
      what: 'data',
      ok: true,
      found: `${place}, keys in force: ${keys.filter(({ revokedAt }) => revokedAt === undefined).length}`,
    };
  } catch (error) {
    return { what: 'data', ok: false, found: error instanceof Error ? error.message : String(error) };
  }
}

async function engineLibrary(): Promise<Finding> {
  try {
    const { getLlama } = await import('node-llama-cpp');
    const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true });
    const found = `node-llama-cpp runs, ${llama.cpuMathCores} cores for arithmetic`;
    await llama.dispose();
    return { what: 'engine', ok: true, found };
  } catch (error) {
    return { what: 'engine', ok: false, found: error instanceof Error ? error.message : String(error) };
  }
}

async function models({ home, engine }: Config, outgoing: Outgoing): Promise<readonly Finding[]> {
  const { createModelLibrary } = await import('../engine/models/model-library.ts');
  const library = createModelLibrary({ home, outgoing, log: silentLog, clock: systemClock });
  const installed = (await library.installed()).map(({ id }) => id);
  const reports = engine.pull ? await library.probe(AbortSignal.timeout(10_000)) : [];
  const sourceReached = reports.some((report) => report.reachable);
  const none = engine.pull ? 'none yet; the first start pulls one' : 'none, and engine.pull is off';
  const isFile = engine.model !== undefined && existsSync(engine.model);
  return [
    ...(engine.pull
      ? [{ what: 'model sources', ok: sourceReached || installed.length > 0, found: reports.map(sourceText).join('; ') }]
      : []),
    {
      what: 'local models',
      ok: installed.length > 0 || isFile || sourceReached,
      found: isFile ? String(engine.model) : installed.join(', ') || none,
    },
  ];
}

function sourceText({ source, reachable: isReachable, reason }: SourceReport): string {
  if (isReachable) return `${source} answers`;
  return `${source} does not${reason === undefined ? '' : ` (${reason.replace(/\.$/, '')})`}`;
}

/** Where a provider that nobody wrote down came from. */
function sourceOf(loaded: LoadedConfig, index: number): string {
  const source = loaded.source(`providers.${index}.name`);
  return source.kind === 'environment' ? ` (its key is in ${source.name})` : '';
}

/** Any answer counts, also one that asks for another path or key: somebody is there. */
async function reachable(settings: Config['providers'][number], source: string, outgoing: Outgoing): Promise<Finding> {
  const { name, baseUrl: url } = resolveProvider(settings);
  const what = `provider ${name}`;
  try {
    const patience = { headTimeoutMs: 5_000, idleTimeoutMs: 5_000 };
    const answer = await outgoing.send(
      { method: 'GET', url: `${url.replace(/\/$/, '')}/models`, headers: {}, owner: 'operator', ...patience },
      AbortSignal.timeout(10_000),
    );
    for await (const _ of answer.body);
    return { what, ok: true, found: `${url} answers${source}` };
  } catch (error) {
    return { what, ok: false, found: `${url}: ${error instanceof Error ? error.message : String(error)}${source}` };
  }
}

function gigabytes(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(1);
}
