import { readdir, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../telemetry/clock.ts';
import { isLocked, withLock } from './pull-lock.ts';
import { testFolder } from './sample-files.test-support.ts';

const never = new AbortController().signal;

describe('the lock of a pull', () => {
  it('lets one at a time work, and tells the others once that they wait', async () => {
    await using folder = await testFolder();
    const path = join(folder.path, 'x.lock');
    let working = 0;
    let most = 0;
    let told = 0;
    const one = () =>
      withLock(
        path,
        systemClock,
        never,
        () => (told += 1),
        async () => {
          working += 1;
          most = Math.max(most, working);
          await new Promise((resolve) => {
            setTimeout(resolve, 30);
          });
          working -= 1;
        },
      );
    await Promise.all([one(), one(), one()]);
    expect(most).toBe(1);
    expect(told).toBe(2);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('is given back where the work fails', async () => {
    await using folder = await testFolder();
    const path = join(folder.path, 'x.lock');
    const failing = withLock(
      path,
      systemClock,
      never,
      () => undefined,
      () => Promise.reject(new Error('no')),
    );
    await expect(failing).rejects.toThrow('no');
    expect(await isLocked(path, systemClock)).toBe(false);
    expect(
      await withLock(
        path,
        systemClock,
        never,
        () => undefined,
        () => Promise.resolve(7),
      ),
    ).toBe(7);
  });

  it('is not waited for after an abort', async () => {
    await using folder = await testFolder();
    const path = join(folder.path, 'x.lock');
    const abort = new AbortController();
    await withLock(
      path,
      systemClock,
      never,
      () => undefined,
      async () => {
        const waiting = withLock(
          path,
          systemClock,
          abort.signal,
          () => abort.abort(),
          () => Promise.resolve(),
        );
        await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
      },
    );
  });

  it('of a holder that died is taken over, also where its number is ours by now', async () => {
    await using folder = await testFolder();
    const path = join(folder.path, 'x.lock');
    for (const holder of [process.pid, 2 ** 22 + 1]) {
      await writeFile(path, JSON.stringify({ process: holder, host: hostname(), token: 'before' }));
      expect(await isLocked(path, systemClock)).toBe(false);
      expect(
        await withLock(
          path,
          systemClock,
          never,
          () => undefined,
          () => Promise.resolve('mine'),
        ),
      ).toBe('mine');
    }
  });

  it('of another machine holds until it has been silent for a minute', async () => {
    await using folder = await testFolder();
    const path = join(folder.path, 'x.lock');
    await writeFile(path, JSON.stringify({ process: 1, host: `not-${hostname()}`, token: 'before' }));
    expect(await isLocked(path, systemClock)).toBe(true);
    const longAgo = new Date(systemClock.now() - 61_000);
    await utimes(path, longAgo, longAgo);
    expect(await isLocked(path, systemClock)).toBe(false);
  });
});
