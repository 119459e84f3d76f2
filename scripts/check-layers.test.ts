import { expect, test } from 'vitest';
import { checkFile } from './check-layers.ts';

const messages = (file: string, source: string): readonly string[] =>
  checkFile(file, source).map((violation) => violation.message);

test('dialects and providers have never met', () => {
  expect(messages('src/dialects/x.ts', `import { a } from '../providers/a.ts';`)).toEqual([
    'dialects may not import providers (../providers/a.ts); it may import: model, protocols',
  ]);
});

test('a type import, a re-export and a dynamic import cross a border like any other', () => {
  expect(messages('src/protocols/x.ts', `import type { A } from '../exchange/a.ts';`)).toHaveLength(1);
  expect(messages('src/protocols/x.ts', `export { a } from '../exchange/a.ts';`)).toHaveLength(1);
  expect(messages('src/protocols/x.ts', `const a = await import('../exchange/a.ts');`)).toHaveLength(1);
});

test('only net goes out, only config reads the environment, only telemetry reads time', () => {
  expect(messages('src/providers/x.ts', `import { request } from 'undici';`)).toHaveLength(1);
  expect(messages('src/net/x.ts', `import { request } from 'undici';`)).toHaveLength(0);
  expect(messages('src/http/x.ts', `const port = process.env['PORT'];`)).toHaveLength(1);
  expect(messages('src/ledger/x.ts', `const now = Date.now();`)).toHaveLength(1);
  expect(messages('src/exchange/x.ts', `await fetch('http://127.0.0.1');`)).toHaveLength(1);
});

test('a layer may import itself and what the table allows', () => {
  expect(messages('src/exchange/x.ts', `import { a } from './a.ts'; import { b } from '../ledger/b.ts';`)).toEqual([]);
});

test('a file outside the layers is named', () => {
  expect(messages('src/stray.ts', '')).toHaveLength(1);
});
