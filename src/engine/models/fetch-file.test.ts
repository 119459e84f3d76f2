import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createOutgoing } from '../../net/create-outgoing.ts';
import { silentLog } from '../../telemetry/log.ts';
import { checkDiskSpace } from './disk-space.ts';
import { fetchFile, retryDelayMs, type FileToFetch } from './fetch-file.ts';
import type { PullStep } from './model-source.ts';
import { sendFile, serve, type FileAnswer, type FileServer } from './file-server.test-support.ts';
import { sampleGguf, sha256, testFolder } from './sample-files.test-support.ts';

const outgoing = createOutgoing();
afterAll(() => outgoing.close());

const content = sampleGguf();
const digest = { algorithm: 'sha256', hex: sha256(content) } as const;
const never = new AbortController().signal;

/** Answers of the server in order; the last one is given from then on. */
function fileServer(...answers: readonly FileAnswer[]): Promise<FileServer> {
  let count = 0;
  return serve((request, response) => {
    sendFile(request, response, content, answers[Math.min(count, answers.length - 1)]);
    count += 1;
  });
}

async function run(file: FileToFetch, path: string, signal = never, report: (step: PullStep) => void = () => undefined) {
  const workspace = { report, requireSpace: () => Promise.resolve() };
  return await fetchFile(file, path, workspace, { outgoing, log: silentLog, retryDelayMs: () => 0 }, signal);
}

function ranges(server: FileServer): readonly (string | undefined)[] {
  return server.requests.map((request) => request.headers.range);
}

describe('a download', () => {
  it('brings the file, its size and its sum, and costs nothing a second time', async () => {
    await using server = await fileServer({});
    await using folder = await testFolder();
    const path = join(folder.path, 'x.gguf');
    expect(await run({ url: server.url, digest }, path)).toEqual({ bytes: content.length, hex: digest.hex });
    expect(content.equals(await readFile(path))).toBe(true);
    expect(await run({ url: server.url, digest }, path)).toEqual({ bytes: content.length, hex: digest.hex });
    expect(server.requests).toHaveLength(1);
  });

  it('goes on where a broken connection stopped', async () => {
    await using server = await fileServer({ cutAfterBytes: 100_000 }, { cutAfterBytes: 50_000 }, {});
    await using folder = await testFolder();
    const path = join(folder.path, 'x.gguf');
    await run({ url: server.url, digest }, path);
    expect(content.equals(await readFile(path))).toBe(true);
    const starts = ranges(server).map((range) => Number(/\d+/.exec(range ?? '')?.[0] ?? 0));
    expect(starts).toHaveLength(3);
    expect(starts).toEqual(starts.toSorted((left, right) => left - right));
    expect(starts[2]).toBeGreaterThan(0);
  });

  it('goes on after an abort, at another address if the sum is the same', async () => {
    await using server = await fileServer({ stallAfterBytes: 120_000 });
    await using other = await fileServer({});
    await using folder = await testFolder();
    const path = join(folder.path, 'x.gguf');
    const abort = new AbortController();
    const first = run({ url: server.url, digest }, path, abort.signal, (step) => {
      if (step.receivedBytes >= 120_000) abort.abort();
    });
    await expect(first).rejects.toMatchObject({ code: 'cancelled' });
    expect(content.subarray(0, 120_000).equals(await readFile(path))).toBe(true);
    await run({ url: other.url, digest }, path);
    expect(ranges(other)).toEqual(['bytes=120000-']);
    expect(content.equals(await readFile(path))).toBe(true);
  });

  it('asks for nothing where all of it is there already', async () => {
    await using server = await fileServer({ cutAfterBytes: 299_999 });
    await using folder = await testFolder();
    const path = join(folder.path, 'x.gguf');
    await writeFile(path, content);
    await writeFile(`${path}.origin.json`, JSON.stringify({ url: 'x', digest: digest.hex, totalBytes: content.length }));
    await run({ url: server.url, digest }, path);
    expect(server.requests).toHaveLength(0);
  });

  it('begins again where the server ignores the range', async () => {
    await using server = await fileServer({ cutAfterBytes: 100_000 }, { ignoreRange: true });
    await using folder = await testFolder();
    const path = join(folder.path, 'x.gguf');
    await run({ url: server.url, digest }, path);
    expect(content.equals(await readFile(path))).toBe(true);
  });

  it('begins again where the file at an address without a known sum has changed', async () => {
    await using server = await fileServer({ etag: '"old"', cutAfterBytes: 100_000 }, { etag: '"new"' });
    await using folder = await testFolder();
    const path = join(folder.path, 'x.gguf');
    expect(await run({ url: server.url }, path)).toEqual({ bytes: content.length, hex: digest.hex });
    expect(server.requests[1]?.headers['if-range']).toBe('"old"');
  });

  it('does not trust bytes that were neither summed nor tagged', async () => {
    await using server = await fileServer({});
    await using folder = await testFolder();
    const path = join(folder.path, 'x.gguf');
    await writeFile(path, 'something else');
    await writeFile(`${path}.origin.json`, JSON.stringify({ url: server.url, totalBytes: content.length }));
    await run({ url: server.url }, path);
    expect(ranges(server)).toEqual([undefined]);
    expect(content.equals(await readFile(path))).toBe(true);
  });

  it('does not go on from the beginning of a file with another sum', async () => {
    await using server = await fileServer({});
    await using folder = await testFolder();
    const path = join(folder.path, 'x.gguf');
    await writeFile(path, 'the beginning of something else');
    await writeFile(`${path}.origin.json`, JSON.stringify({ url: server.url, digest: '0'.repeat(64) }));
    await run({ url: server.url, digest }, path);
    expect(ranges(server)).toEqual([undefined]);
    expect(content.equals(await readFile(path))).toBe(true);
  });

  it('begins again once where what an earlier try left was damaged', async () => {
    await using server = await fileServer({});
    await using folder = await testFolder();
    const path = join(folder.path, 'x.gguf');
    await writeFile(path, Buffer.alloc(1000));
    await writeFile(`${path}.origin.json`, JSON.stringify({ url: 'x', digest: digest.hex }));
    await run({ url: server.url, digest }, path);
    expect(ranges(server)).toEqual(['bytes=1000-', undefined]);
    expect(content.equals(await readFile(path))).toBe(true);
  });

  it('begins again where what is there is longer than the file', async () => {
    await using server = await fileServer({});
    await using folder = await testFolder();
    const path = join(folder.path, 'x.gguf');
    await writeFile(path, Buffer.alloc(400_000));
    await writeFile(`${path}.origin.json`, JSON.stringify({ url: 'x', digest: digest.hex }));
    await run({ url: server.url, digest }, path);
    expect(content.equals(await readFile(path))).toBe(true);
  });
});

describe('a download is refused', () => {
  it('and removed where its sum is wrong', async () => {
    await using server = await fileServer({});
    await using folder = await testFolder();
    const wrong = { algorithm: 'sha256', hex: '0'.repeat(64) } as const;
    await expect(run({ url: server.url, digest: wrong }, join(folder.path, 'x.gguf'))).rejects.toMatchObject({
      code: 'upstream_refused',
      message: expect.stringContaining(digest.hex),
    });
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('where the server says another size than the hub did', async () => {
    await using server = await fileServer({});
    await using folder = await testFolder();
    const file = { url: server.url, digest, bytes: content.length + 1 };
    await expect(run(file, join(folder.path, 'x.gguf'))).rejects.toMatchObject({ code: 'upstream_refused' });
  });

  it('where a web page comes in place of the file, saying which address to use', async () => {
    await using server = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<!doctype html>');
    });
    await using folder = await testFolder();
    await expect(run({ url: server.url }, join(folder.path, 'x.gguf'))).rejects.toMatchObject({
      code: 'upstream_refused',
      message: expect.stringContaining('/resolve/'),
    });
  });

  it('after one try where the file is not there, and after five where the server fails', async () => {
    for (const [status, tries, code] of [
      [404, 1, 'upstream_refused'],
      [503, 5, 'upstream_failed'],
    ] as const) {
      await using server = await serve((_, response) => {
        response.writeHead(status).end();
      });
      await using folder = await testFolder();
      await expect(run({ url: server.url }, join(folder.path, 'x.gguf'))).rejects.toMatchObject({ code });
      expect(server.requests).toHaveLength(tries);
    }
  });

  it('before the first byte where the disk has no room, saying what is missing', async () => {
    await using server = await fileServer({});
    await using folder = await testFolder();
    const path = join(folder.path, 'x.gguf');
    const workspace = {
      report: () => undefined,
      requireSpace: async (bytes: number) => checkDiskSpace(folder.path, 64_100_000, bytes),
    };
    await expect(
      fetchFile({ url: server.url, digest }, path, workspace, { outgoing, log: silentLog }, never),
    ).rejects.toMatchObject({ code: 'model_not_ready', message: expect.stringContaining('200.0 kB are missing') });
    expect((await readFile(path)).length).toBe(0);
  });
});

it('the delay between tries grows, is bounded and is never the same for all', () => {
  const delays = Array.from({ length: 200 }, () => retryDelayMs(9));
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(5_000);
  expect(Math.max(...delays)).toBeLessThanOrEqual(10_000);
  expect(new Set(delays).size).toBeGreaterThan(100);
  expect(retryDelayMs(1)).toBeLessThanOrEqual(500);
});
