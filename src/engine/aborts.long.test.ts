import { test } from 'vitest';
import { abortMany } from '../../tests/support/tiny-gguf/abort-many.ts';
import { tinyEngine } from '../../tests/support/tiny-gguf/tiny-engine.ts';

test('1,000 aborts leak nothing', async () => {
  const engine = await tinyEngine();
  try {
    await abortMany(engine, 1000);
  } finally {
    await engine.close();
  }
});
