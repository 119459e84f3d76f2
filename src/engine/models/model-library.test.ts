import { mkdir, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createOutgoing } from '../../net/create-outgoing.ts';
import { systemClock } from '../../telemetry/clock.ts';
import { silentLog } from '../../telemetry/log.ts';
import { readKnownModels, type KnownModel } from './known-models.ts';
import { createModelLibrary, type ModelLibrary, type ModelLibraryOptions } from './model-library.ts';
import type { PullProgress } from './progress.ts';
import { fakeHub } from './fake-hub.test-support.ts';
import { sendFile, serve } from './file-server.test-support.ts';
import { sampleGguf, sha256, testFolder } from './sample-files.test-support.ts';

const outgoing = createOutgoing();
afterAll(() => outgoing.close());

const content = sampleGguf();
const file = 'Small-Q4.gguf';
const nowhere = 'http://127.0.0.1:9';
const noNpm = ['flashmux-test-without-npm'];

const small = {
  id: 'small',
  name: 'Small',
  file,
  bytes: content.length,
  licence: 'Apache-2.0',
  contextTokens: 4096,
  capabilities: { input: ['text'], output: ['text'], features: [] },
  minFreeMemoryBytes: 0,
  defaultFromFreeMemoryBytes: 0,
  huggingFace: { repository: 'owner/repo', revision: 'main' },
  modelScope: { repository: 'owner/repo', revision: 'master' },
};
const known: readonly KnownModel[] = readKnownModels([small, { ...small, id: 'large', defaultFromFreeMemoryBytes: 1000 }]);

function library(home: string, options: Partial<ModelLibraryOptions> = {}): ModelLibrary {
  return createModelLibrary({
    home,
    outgoing,
    log: silentLog,
    clock: systemClock,
    npmCommand: noNpm,
    hubs: { huggingFace: nowhere, modelScope: nowhere },
    known,
    freeMemoryBytes: () => 500,
    retryDelayMs: () => 0,
    ...options,
  });
}

const options = { signal: new AbortController().signal };

describe('a pull', () => {
  it.each(['huggingFace', 'modelScope'] as const)(
    'brings the model from %s, whichever answers, with its manifest',
    async (name) => {
      await using hub = await fakeHub({ file, content });
      await using home = await testFolder();
      const models = library(home.path, { hubs: { huggingFace: nowhere, modelScope: nowhere, [name]: hub.url } });
      const model = await models.pull('small', options);
      expect(model).toMatchObject({
        id: 'small',
        source: name === 'huggingFace' ? 'hugging-face' : 'modelscope',
        sha256: sha256(content),
        bytes: content.length,
        licence: 'Apache-2.0',
        from: [expect.stringContaining(`/resolve/`)],
        path: join(home.path, 'models', 'small', file),
      });
      expect(content.equals(await readFile(model.path))).toBe(true);
      expect(await models.installed()).toEqual([model]);
      expect(await models.find('small')).toEqual(model);
      expect((await readdir(join(home.path, 'models', 'small'))).toSorted()).toEqual([file, 'manifest.json']);
      expect(await readdir(join(home.path, 'models', '.partial'))).toEqual([]);
    },
  );

  it('asks nobody for a model that is here', async () => {
    await using hub = await fakeHub({ file, content });
    await using home = await testFolder();
    const models = library(home.path, { hubs: { huggingFace: hub.url } });
    const first = await models.pull('small', options);
    const before = hub.requests.length;
    expect(await models.pull('SMALL', options)).toEqual(first);
    expect(hub.requests).toHaveLength(before);
  });

  it('that is aborted leaves what came, and the next one goes on, at another hub too', async () => {
    await using hub = await fakeHub({ file, content });
    await using mirror = await fakeHub({ file, content });
    await using home = await testFolder();
    hub.next = { stallAfterBytes: 150_000 };
    const abort = new AbortController();
    const onProgress = ({ phase, receivedBytes }: PullProgress): void => {
      if (phase === 'downloading' && receivedBytes > 0) abort.abort();
    };
    const aborted = library(home.path, { hubs: { huggingFace: hub.url } }).pull('small', { signal: abort.signal, onProgress });
    await expect(aborted).rejects.toMatchObject({ code: 'cancelled' });
    const models = library(home.path, { hubs: { huggingFace: nowhere, modelScope: mirror.url } });
    expect(await models.installed()).toEqual([]);
    await models.pull('small', options);
    const resumed = mirror.requests.find(({ url }) => url?.startsWith('/store/') === true);
    expect(resumed?.headers.range).toMatch(/^bytes=[1-9]\d*-$/);
  });

  it('of which two run at once is done once', async () => {
    await using hub = await fakeHub({ file, content });
    await using home = await testFolder();
    const hubs = { huggingFace: hub.url };
    const phases = new Set<string>();
    const onProgress = ({ phase }: PullProgress): void => void phases.add(phase);
    const [one, two] = await Promise.all([
      library(home.path, { hubs }).pull('small', { ...options, onProgress }),
      library(home.path, { hubs }).pull('small', { ...options, onProgress }),
    ]);
    expect(one).toEqual(two);
    expect(phases).toContain('waiting');
    expect(hub.requests.filter(({ url }) => url?.startsWith('/store/'))).toHaveLength(1);
  });

  it('that a crash stopped just before the end is finished without a source', async () => {
    await using hub = await fakeHub({ file, content });
    await using home = await testFolder();
    const model = await library(home.path, { hubs: { huggingFace: hub.url } }).pull('small', options);
    const ready = join(home.path, 'models', '.partial', 'small.ready');
    await mkdir(ready);
    for (const name of await readdir(join(model.path, '..'))) {
      await writeFile(join(ready, name), await readFile(join(model.path, '..', name)));
    }
    await rm(join(model.path, '..'), { recursive: true });
    expect(await library(home.path).pull('small', options)).toEqual(model);
  });
});

describe('a pull fails', () => {
  it('where no source answers, with the reason of each and what to do', async () => {
    await using home = await testFolder();
    const failure: unknown = await library(home.path)
      .pull('small', options)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'model_not_ready' });
    for (const part of [
      'hugging-face: ',
      'ECONNREFUSED',
      'modelscope: ',
      'npm: It does not offer',
      'flashmux models pull small',
    ]) {
      expect(String(failure)).toContain(part);
    }
  });

  it('at a hub whose file has another sum than its metadata says, and the next source is asked', async () => {
    await using liar = await fakeHub({ file, content, saysSha256: '1'.repeat(64) });
    await using mirror = await fakeHub({ file, content });
    await using home = await testFolder();
    const models = library(home.path, { hubs: { huggingFace: liar.url, modelScope: mirror.url } });
    await expect(models.pull('small', { ...options, source: 'hugging-face' })).rejects.toThrow('It was removed');
    expect(await readdir(join(home.path, 'models', '.partial', 'small'))).toEqual([]);
    expect(await models.pull('small', options)).toMatchObject({ source: 'modelscope' });
  });

  it('where what came is no GGUF file', async () => {
    await using hub = await fakeHub({ file, content: Buffer.from('version https://git-lfs.github.com/spec/v1') });
    await using home = await testFolder();
    const models = library(home.path, { hubs: { huggingFace: hub.url } });
    await expect(models.pull('small', { ...options, source: 'hugging-face' })).rejects.toThrow('Git LFS pointer');
    expect(await models.installed()).toEqual([]);
  });

  it('before anything is asked for where the disk is too small, at once and for all sources', async () => {
    await using hub = await fakeHub({ file, content });
    await using home = await testFolder();
    const models = library(home.path, {
      hubs: { huggingFace: hub.url, modelScope: hub.url },
      freeDiskBytes: () => Promise.resolve(64_000_000),
    });
    await expect(models.pull('small', options)).rejects.toMatchObject({
      code: 'model_not_ready',
      message: expect.stringContaining('300.0 kB are missing'),
    });
    expect(hub.requests.filter(({ url }) => url?.startsWith('/api/v1/'))).toHaveLength(0);
  });

  it('for an unknown id or a source that cannot have it', async () => {
    await using home = await testFolder();
    await expect(library(home.path).pull('smal', options)).rejects.toMatchObject({ code: 'not_found' });
    await expect(library(home.path).pull('../small', options)).rejects.toMatchObject({ code: 'not_found' });
    await expect(library(home.path).pull('a..b', options)).rejects.toMatchObject({ code: 'invalid_request' });
    const elsewhere = library(home.path).pull('small', { ...options, source: 'url' });
    await expect(elsewhere).rejects.toMatchObject({ code: 'invalid_request', param: 'source' });
  });
});

describe('a file by its address or path', () => {
  it('is kept under its own name, and its first sum is trusted from then on', async () => {
    let served: Uint8Array = content;
    await using server = await serve((request, response) => sendFile(request, response, served, { etag: '"x"' }));
    await using home = await testFolder();
    const models = library(home.path);
    const url = `${server.url}/My%20Own.gguf`;
    const model = await models.pull(url, options);
    expect(model).toMatchObject({ id: 'my-own', source: 'url', from: [url], sha256: sha256(content) });
    expect(model).not.toHaveProperty('licence');
    expect(await models.pull(url, options)).toEqual(model);
    await models.remove('my-own');
    expect(await models.pull(url, options)).toMatchObject({ id: 'my-own' });
    await models.remove('my-own');
    served = sampleGguf(200_000);
    await expect(models.pull(url, options)).rejects.toMatchObject({ code: 'conflict' });
    expect(await models.installed()).toEqual([]);
  });

  it('on this machine is taken over and the original stays', async () => {
    await using home = await testFolder();
    const original = join(home.path, 'Mine.gguf');
    await writeFile(original, content);
    const models = library(home.path);
    const model = await models.pull(original, options);
    expect(model).toMatchObject({ id: 'mine', source: 'file', sha256: sha256(content) });
    expect(await models.pull(original, options)).toEqual(model);
    expect(await models.pull('mine', options)).toEqual(model);
    await models.remove('mine');
    expect(content.equals(await readFile(original))).toBe(true);
  });

  it('is refused where it is missing, a folder, or no model', async () => {
    await using home = await testFolder();
    const models = library(home.path);
    await expect(models.pull(join(home.path, 'none.gguf'), options)).rejects.toMatchObject({ code: 'not_found' });
    await mkdir(join(home.path, 'folder.gguf'));
    await expect(models.pull(join(home.path, 'folder.gguf'), options)).rejects.toThrow('is no file');
    await writeFile(join(home.path, 'page.gguf'), '<html></html>');
    await expect(models.pull(join(home.path, 'page.gguf'), options)).rejects.toThrow('is a web page');
  });

  it('cannot take the place of another of the same name', async () => {
    await using home = await testFolder();
    const models = library(home.path);
    for (const folder of ['a', 'b']) {
      await mkdir(join(home.path, folder));
      await writeFile(join(home.path, folder, 'mine.gguf'), content);
    }
    await models.pull(join(home.path, 'a', 'mine.gguf'), options);
    const second = models.pull(join(home.path, 'b', 'mine.gguf'), options);
    await expect(second).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('the library', () => {
  it('removes a model whole, and says whether there was one', async () => {
    await using hub = await fakeHub({ file, content });
    await using home = await testFolder();
    const models = library(home.path, { hubs: { huggingFace: hub.url } });
    await models.pull('small', options);
    expect(await models.remove('small')).toBe(true);
    expect(await models.remove('small')).toBe(false);
    expect(await readdir(join(home.path, 'models'))).toEqual(['.partial']);
    await expect(models.remove('../models')).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('does not remove a model while it is pulled', async () => {
    await using hub = await fakeHub({ file, content });
    await using home = await testFolder();
    hub.next = { stallAfterBytes: 1000 };
    const models = library(home.path, { hubs: { huggingFace: hub.url } });
    const abort = new AbortController();
    let removal: Promise<unknown> = Promise.resolve();
    const onProgress = ({ phase }: PullProgress): void => {
      if (phase !== 'downloading') return;
      removal = models.remove('small').catch((error: unknown) => error);
      void removal.then(() => abort.abort());
    };
    await expect(models.pull('small', { signal: abort.signal, onProgress })).rejects.toMatchObject({ code: 'cancelled' });
    expect(await removal).toMatchObject({ code: 'conflict' });
  });

  it('leaves out what is damaged, and pulls it again', async () => {
    await using hub = await fakeHub({ file, content });
    await using home = await testFolder();
    const models = library(home.path, { hubs: { huggingFace: hub.url } });
    const model = await models.pull('small', options);
    await truncate(model.path, 1000);
    expect(await models.installed()).toEqual([]);
    await models.pull('small', options);
    expect(content.equals(await readFile(model.path))).toBe(true);
    await writeFile(join(model.path, '..', 'manifest.json'), '{"id":"small","file":"../../../etc/passwd"}');
    expect(await models.find('small')).toBeUndefined();
  });

  it('chooses by free memory', () => {
    const models = createModelLibrary({ home: '/nowhere', outgoing, log: silentLog, clock: systemClock });
    const gigabytes = [0, 3.9, 4, 11.9, 12, 27.9, 28, 512];
    expect(gigabytes.map((free) => models.chooseDefault(free * 1e9).id)).toEqual([
      'qwen3.5-0.8b',
      'qwen3.5-0.8b',
      'qwen3.5-2b',
      'qwen3.5-2b',
      'qwen3.5-4b',
      'qwen3.5-4b',
      'qwen3.5-35b-a3b',
      'qwen3.5-35b-a3b',
    ]);
  });

  it('takes no login page for a hub', async () => {
    await using page = await fakeHub({ file, content, loginPage: true });
    await using broken = await fakeHub({ file, content, status: 503 });
    await using home = await testFolder();
    const models = library(home.path, { hubs: { huggingFace: page.url, modelScope: broken.url } });
    expect(await models.probe(options.signal)).toEqual([
      { source: 'hugging-face', reachable: false, reason: expect.stringContaining('does not answer with a list of files') },
      { source: 'modelscope', reachable: false, reason: expect.stringContaining('status 503') },
    ]);
  });
});

describe('the first model', () => {
  it('is the one for the free memory, from the hub that answers', async () => {
    await using hub = await fakeHub({ file, content });
    await using home = await testFolder();
    const hubs = { huggingFace: nowhere, modelScope: hub.url };
    expect(await library(home.path, { hubs }).firstModel(options.signal)).toMatchObject({
      kind: 'ready',
      model: { id: 'small', source: 'modelscope' },
    });
  });

  it('is one that is here, the last one pulled, without a question to anybody', async () => {
    await using hub = await fakeHub({ file, content });
    await using home = await testFolder();
    await library(home.path, { hubs: { huggingFace: hub.url } }).pull('small', options);
    const original = join(home.path, 'later.gguf');
    await writeFile(original, content);
    await library(home.path).pull(original, options);
    expect(await library(home.path).firstModel(options.signal)).toMatchObject({ kind: 'ready', model: { id: 'later' } });
  });

  it('is none where nothing answers, with the reasons', async () => {
    await using home = await testFolder();
    expect(await library(home.path).firstModel(options.signal)).toEqual({
      kind: 'none',
      reasons: [
        { source: 'hugging-face', reachable: false, reason: expect.stringContaining('ECONNREFUSED') },
        { source: 'modelscope', reachable: false, reason: expect.stringContaining('ECONNREFUSED') },
      ],
    });
  });

  it('is no model where the caller leaves', async () => {
    await using home = await testFolder();
    await expect(library(home.path).firstModel(AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  });
});
