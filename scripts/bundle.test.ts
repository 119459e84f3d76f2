import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { entries } from './bundle.ts';

const sources = path.join(import.meta.dirname, '../src');

/** Modules that a source starts by their path, such as `./worker` of new URL(`./worker${...}`, import.meta.url). */
function startedBy(source: string): readonly string[] {
  const text = readFileSync(path.join(sources, source), 'utf8');
  return [...text.matchAll(/new URL\(`(?:\.\/)?([\w/-]+)\.?\$\{/g)].flatMap(([, name]) => name ?? []);
}

test('whatever the sources start by its path lies in the bundle under the same path', () => {
  const started = globSync('**/*.ts', { cwd: sources }).flatMap((source) =>
    startedBy(source).map((name) => [name, path.join(path.dirname(source), `${name}.ts`)] as const),
  );
  expect(Object.fromEntries([...started, ['main', 'cli/main.ts']])).toEqual(entries);
});
