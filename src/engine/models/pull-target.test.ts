import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { knownModels } from './known-models.ts';
import { readPullTarget } from './pull-target.ts';

const read = (text: string) => readPullTarget(text, knownModels);

describe('what is to be pulled', () => {
  it('is a known model by its id, in any case', () => {
    expect(read(' Qwen3.5-2B ')).toMatchObject({ kind: 'known', wanted: { id: 'qwen3.5-2b', file: 'Qwen3.5-2B-Q4_K_M.gguf' } });
  });

  it('is an address, with an id from its file name', () => {
    expect(read('https://example.org/a/My%20Model.Q4.gguf?download=true')).toEqual({
      kind: 'url',
      url: 'https://example.org/a/My%20Model.Q4.gguf?download=true',
      wanted: { id: 'my-model.q4', file: 'my-model.q4.gguf' },
    });
  });

  it('is a path where it has a slash or ends in .gguf', () => {
    expect(read('some/Thing.gguf')).toMatchObject({ kind: 'file', path: resolve('some/Thing.gguf'), wanted: { id: 'thing' } });
    expect(read('Thing.GGUF')).toMatchObject({ kind: 'file', path: resolve('Thing.GGUF') });
    expect(read('~/Thing.gguf')).toMatchObject({ kind: 'file', path: join(homedir(), 'Thing.gguf') });
    expect(read('file:///models/thing.gguf')).toMatchObject({ kind: 'file', path: resolve('/models/thing.gguf') });
  });

  it('cannot pass for a known model by its file name alone', () => {
    expect(read('./qwen3.5-2b.gguf').wanted.id).toBe('qwen3.5-2b-file');
    expect(read('https://example.org/qwen3.5-2b.gguf').wanted.id).toBe('qwen3.5-2b-url');
  });

  it('is refused where nobody knows the id, naming close ones or all', () => {
    expect(() => read('qwen3.5-3b')).toThrow(/Did you mean .*qwen3\.5-2b/);
    expect(() => read('gpt-oss')).toThrow('Known are qwen3.5-0.8b');
    expect(() => read('what is this?')).toThrow('cannot be a model id');
    expect(() => read('https://')).toThrow('not a valid address');
    expect(() => read('https://example.org/')).toThrow('cannot be a model id');
  });
});
