import { existsSync, statfsSync } from 'node:fs';
import { availableParallelism, freemem, totalmem } from 'node:os';
import type { Command } from 'commander';
import type { LoadedConfig } from '../config/load-config.ts';
import { createModelLibrary } from '../engine/models/model-library.ts';
import { openHome } from '../main/open-home.ts';
import { createOutgoing } from '../net/create-outgoing.ts';
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
  return [
    node(),
    { what: 'configuration', ok: true, found: loaded.file ?? 'defaults and environment' },
    machine(),
    disk(config.home),
    await store(config.home),
    await engineLibrary(),
    ...(await models(config.home)),
    { what: 'providers', ok: true, found: config.providers.map(({ name }) => name).join(', ') || 'none configured' },
  ];
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
    while (!existsSync(folder)) folder = `${folder}/..`;
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

async function store(home: string): Promise<Finding> {
  try {
    const opened = await openHome({ folder: home, role: 'guest', log: silentLog });
    const keys = await opened.access.list();
    await opened.close();
    return { what: 'data', ok: true, found: `${home}, ${keys.length} keys` };
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

async function models(home: string): Promise<readonly Finding[]> {
  const outgoing = createOutgoing();
  try {
    const library = createModelLibrary({ home, outgoing, log: silentLog, clock: systemClock });
    const installed = await library.installed();
    const reports = await library.probe(AbortSignal.timeout(10_000));
    const sources = reports.map(
      ({ source, reachable, reason }) => `${source} ${reachable ? 'reachable' : (reason ?? 'not reachable')}`,
    );
    const ids = installed.map(({ id }) => id).join(', ');
    return [
      {
        what: 'model sources',
        ok: installed.length > 0 || reports.some(({ reachable }) => reachable),
        found: sources.join('; '),
      },
      {
        what: 'local models',
        ok: true,
        found: ids === '' ? `none; the first start pulls ${library.chooseDefault(freemem()).id}` : ids,
      },
    ];
  } finally {
    await outgoing.close();
  }
}

function gigabytes(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(1);
}
