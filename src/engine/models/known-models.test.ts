import { describe, expect, it } from 'vitest';
import { knownModels, readKnownModels } from './known-models.ts';
import { isModelId } from './model-id.ts';

describe('the known models', () => {
  it('have ids of their own that can be folders, and a source each', () => {
    expect(new Set(knownModels.map(({ id }) => id)).size).toBe(knownModels.length);
    for (const model of knownModels) {
      expect(isModelId(model.id)).toBe(true);
      expect(model.huggingFace ?? model.modelScope ?? model.npm).toBeDefined();
    }
  });

  it('need no more memory than that from which they are chosen, but for the smallest', () => {
    for (const { defaultFromFreeMemoryBytes: from, minFreeMemoryBytes } of knownModels) {
      if (from !== undefined && from > 0) expect(minFreeMemoryBytes).toBeLessThanOrEqual(from);
    }
  });

  it('that come in parts have parts that add up, and say that they are stand-ins', () => {
    const inParts = knownModels.filter(({ npm }) => npm !== undefined);
    expect(inParts).not.toHaveLength(0);
    for (const model of inParts) {
      expect(model.npm?.parts.reduce((sum, part) => sum + part.bytes, 0)).toBe(model.bytes);
      expect(model).toMatchObject({ standIn: true, note: expect.stringMatching(/stand-in/) });
    }
  });

  it('are refused where an entry is misspelt, unsafe or cannot be verified', () => {
    const [model] = knownModels;
    const tiny = knownModels.find(({ npm }) => npm !== undefined);
    expect(readKnownModels([model])).toEqual([model]);
    expect(() => readKnownModels([{ ...model, sha526: '' }])).toThrow();
    expect(() => readKnownModels([{ ...model, id: '../x' }])).toThrow();
    expect(() => readKnownModels([{ ...model, file: '../x.gguf' }])).toThrow();
    expect(() => readKnownModels([{ ...tiny, sha256: undefined }])).toThrow();
  });
});
