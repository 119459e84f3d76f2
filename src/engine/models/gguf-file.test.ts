import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkGguf } from './gguf-file.ts';
import { sampleGguf, testFolder } from './sample-files.test-support.ts';

it('a GGUF file of version 2 or 3 is a model, and what comes in place of one is named', async () => {
  await using folder = await testFolder();
  const path = join(folder.path, 'model.gguf');
  const check = async (content: string | Uint8Array): Promise<string> => {
    await writeFile(path, content);
    return await checkGguf(path).then(
      () => 'ok',
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
  };
  const old = sampleGguf(100);
  old.writeUInt32LE(1, 4);
  expect(await check(sampleGguf(100))).toBe('ok');
  expect(await check(old)).toContain('version 1');
  expect(await check('')).toContain('is empty');
  expect(await check('GGUF')).toContain('ends in the middle');
  expect(await check('version https://git-lfs.github.com/spec/v1\noid sha256:00\n')).toContain('git lfs pull');
  expect(await check('\n <!DOCTYPE html><html>')).toContain('is a web page');
  expect(await check('{"error":"Not Found"}')).toContain('is JSON');
  expect(await check('PK\u0003\u0004')).toContain('zip');
  expect(await check(Buffer.concat([Buffer.alloc(8), Buffer.from('{"__metadata__"')]))).toContain('safetensors');
  expect(await check('hello')).toContain('does not begin with the letters GGUF');
});
