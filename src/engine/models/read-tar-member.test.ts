import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTarMember } from './read-tar-member.ts';
import { tar, type TarEntry } from './sample-files.test-support.ts';

async function* inChunks(archive: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < archive.length; turn++) {
    const size = sizes[turn % sizes.length] ?? archive.length;
    yield archive.subarray(at, at + size);
    at += size;
  }
}

async function read(archive: Uint8Array, member: string, sizes: readonly number[] = [4096]): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of readTarMember(inChunks(archive, sizes), member)) {
    if (piece.kind === 'data') pieces.push(piece.bytes);
  }
  return Buffer.concat(pieces);
}

function file(path: string, text: string, kind?: string): TarEntry {
  return { path, content: Buffer.from(text), ...(kind === undefined ? {} : { kind }) };
}

function paxLine(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const length = [2, 3].map((digits) => rest.length + digits).find((size) => `${size}${rest}`.length === size);
  return `${length}${rest}`;
}

describe('one file of a tar archive', () => {
  it('is the same however the archive is cut into chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 8 }),
        fc.uint8Array({ maxLength: 2000 }),
        fc.uint8Array({ maxLength: 2000 }),
        async (sizes, before, content) => {
          const archive = tar([
            { path: 'package/before.bin', content: before },
            { path: 'package/model.part', content },
            file('package/package.json', '{}'),
          ]);
          expect(Buffer.from(content).equals(await read(archive, 'model.part', sizes))).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is found under any first folder, and by pax and GNU long names', async () => {
    const long = `deep/${'x'.repeat(120)}.part`;
    expect(String(await read(tar([file('other-root/a.txt', 'one')]), 'a.txt'))).toBe('one');
    const pax = tar([file('pax', paxLine('path', `package/${long}`), 'x'), file('package/short', 'two')]);
    expect(String(await read(pax, long))).toBe('two');
    const gnu = tar([file('././@LongLink', `package/${long}\0`, 'L'), file('package/short', 'three')]);
    expect(String(await read(gnu, long))).toBe('three');
  });

  it('is not one whose path leaves the package, nor a link', async () => {
    const archive = tar([
      file('package/../model.part', 'outside'),
      file('../../model.part', 'far outside'),
      file('package//model.part', 'other spelling'),
      file('package/model.part', '', '2'),
    ]);
    await expect(read(archive, 'model.part')).rejects.toMatchObject({ code: 'upstream_refused' });
  });

  it('is refused where a header is damaged or the archive ends early', async () => {
    const archive = tar([file('package/model.part', 'x'.repeat(3000))]);
    const damaged = Buffer.from(archive);
    damaged[5] = 0x21;
    await expect(read(damaged, 'model.part')).rejects.toThrow('wrong check sum');
    await expect(read(archive.subarray(0, 2000), 'model.part')).rejects.toThrow('ends in the middle');
    await expect(read(Buffer.alloc(0), 'model.part')).rejects.toThrow('no file model.part');
  });

  it('is never read by damage into a hang or an unexpected error', async () => {
    const archive = tar([file('pax', paxLine('path', 'package/a'), 'x'), file('package/model.part', 'x'.repeat(900))]);
    await fc.assert(
      fc.asyncProperty(fc.nat(archive.length - 1), fc.nat(255), async (at, value) => {
        const damaged = Buffer.from(archive);
        damaged[at] = value;
        const result = await read(damaged, 'model.part').catch((error: unknown) => error);
        if (!Buffer.isBuffer(result)) expect(result).toMatchObject({ code: 'upstream_refused' });
      }),
      { numRuns: 200 },
    );
  });
});
