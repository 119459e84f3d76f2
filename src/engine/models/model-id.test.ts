import fc from 'fast-check';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { libraryFolders } from './library-folders.ts';
import { closeIds, isModelId, modelIdOfFile, requireModelId } from './model-id.ts';

/** What ids are made of, and what file systems give a meaning to. */
const letters = fc.constantFrom('a', 'b', '0', '9', '.', '.', '-', '_', '/', '\\', ':', ' ', '~', 'A', '\0', 'é', '%');

describe('a model id', () => {
  it('never names a folder outside the library or one of its own', () => {
    const folders = libraryFolders('/home/x');
    const traps = ['..', '.', '.partial', '../x', 'a/../../x', 'a/b', 'a\\b', '/etc', 'C:', 'a..b', '', ' ', 'a\0b', 'A'];
    for (const trap of traps) {
      expect(isModelId(trap)).toBe(false);
      expect(() => folders.of(trap)).toThrow('cannot be a model id');
      expect(() => folders.lockOf(trap)).toThrow('cannot be a model id');
    }
    fc.assert(
      fc.property(fc.string({ unit: letters, maxLength: 12 }), (text) => {
        if (!isModelId(text)) return;
        expect(relative(join('/home/x', 'models'), folders.of(text))).toBe(text);
        expect(text.startsWith('.')).toBe(false);
      }),
    );
  });

  it('made from any file name is one, or is refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: letters }), (name) => {
        try {
          expect(isModelId(modelIdOfFile(`${name}.gguf`))).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid_request', param: 'model' });
        }
      }),
    );
    expect(modelIdOfFile('Qwen3.5-2B-Q4_K_M.gguf')).toBe('qwen3.5-2b-q4_k_m');
  });

  it('is not made from one part of a split model', () => {
    expect(() => modelIdOfFile('big-00002-of-00009.gguf')).toThrow('part 2 of 9');
  });

  it('that is mistyped finds the one that was meant', () => {
    const ids = ['qwen3.5-0.8b', 'qwen3.5-2b', 'qwen3.5-4b', 'tinyllama-1.1b-chat'];
    expect(closeIds('qwen3.5-2', ids)[0]).toBe('qwen3.5-2b');
    expect(closeIds('tinylama-1.1b-chat', ids)).toEqual(['tinyllama-1.1b-chat']);
    expect(closeIds('tinyllama', ids)).toEqual(['tinyllama-1.1b-chat']);
    expect(closeIds('gpt-oss-120b', ids)).toEqual([]);
    expect(requireModelId('qwen3.5-2b')).toBe('qwen3.5-2b');
  });
});
