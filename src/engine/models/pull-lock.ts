import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../../model/ports.ts';
import { newId } from '../../telemetry/ids.ts';
import { parseJson } from './parse-json.ts';
import { pause } from './waiting.ts';

const holder = z.object({ process: z.number().int().positive(), host: z.string(), token: z.string() });

const beatEveryMs = 5_000;
/** A holder that was silent for so long is gone, wherever it ran. */
const staleAfterMs = 60_000;
const lookEveryMs = 200;

/** Tokens of the locks that this process holds: after a restart in a container, an old lock may bear our own process number. */
const ours = new Set<string>();

/**
 * Runs the work while no other process, or other part of this one, holds the lock at `path`; waits for it otherwise, and says so
 * once through `onWait`. A lock whose holder died is taken over: at once where that can be seen on this machine, else when its
 * heartbeat has been silent for a minute.
 */
export async function withLock<T>(
  path: string,
  clock: Clock,
  signal: AbortSignal,
  onWait: () => void,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  let told = false;
  for (let token = await acquire(path); ; token = await acquire(path)) {
    if (token !== undefined) return await hold(path, token, clock, work);
    if (await isStale(path, clock)) {
      await takeAway(path);
      continue;
    }
    if (!told) onWait();
    told = true;
    await pause(lookEveryMs, signal);
  }
}

/** Whether somebody who lives holds it. */
export async function isLocked(path: string, clock: Clock): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined && !(await isStale(path, clock));
}

async function hold<T>(path: string, token: string, clock: Clock, work: () => Promise<T>): Promise<T> {
  const heartbeat = setInterval(() => {
    const now = new Date(clock.now());
    // A lock that was taken away is no reason to stop: the digest of the file decides in the end.
    utimes(path, now, now).catch(() => undefined);
  }, beatEveryMs);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    ours.delete(token);
    // It may have been taken away from a process that slept too long, and belong to another now.
    if ((await readHolder(path))?.token === token) await rm(path, { force: true });
  }
}

async function readHolder(path: string): Promise<z.infer<typeof holder> | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return holder.safeParse(parseJson(text)).data;
}

async function acquire(path: string): Promise<string | undefined> {
  const token = newId('boot');
  ours.add(token);
  try {
    await writeFile(path, JSON.stringify({ process: process.pid, host: hostname(), token }), { flag: 'wx' });
    return token;
  } catch (error) {
    ours.delete(token);
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return undefined;
    throw error;
  }
}

async function isStale(path: string, clock: Clock): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  // Gone in the meantime: not stale, just free.
  if (found === undefined) return false;
  if (clock.now() - found.mtimeMs > staleAfterMs) return true;
  const held = await readHolder(path);
  // Perhaps it is being written at this moment.
  if (held === undefined || held.host !== hostname()) return false;
  return held.process === process.pid ? !ours.has(held.token) : !isAlive(held.process);
}

/** Renamed first: of several that found it stale, one succeeds, and a lock made anew is met by none but the slowest of them. */
async function takeAway(path: string): Promise<void> {
  const away = `${path}.${newId('boot')}`;
  await rename(path, away).catch(() => undefined);
  await rm(away, { force: true });
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
