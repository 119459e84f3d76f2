import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadPepper } from './pepper.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'flashmux-pepper-'));
  file = path.join(folder, 'home', 'pepper');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a pepper is made once, private, and read again afterwards', () => {
  const pepper = loadPepper(file, randomBytes);
  expect(pepper).toHaveLength(32);
  expect(loadPepper(file, randomBytes)).toEqual(pepper);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(path.dirname(file))).toEqual(['pepper']);
});

test('a pepper that everybody may read is refused with the command that helps', () => {
  loadPepper(file, randomBytes);
  chmodSync(file, 0o644);
  expect(() => loadPepper(file, randomBytes)).toThrow(`chmod 600 "${file}"`);
});

test('a file that holds no pepper is refused and left alone', () => {
  loadPepper(file, randomBytes);
  for (const text of ['', 'abc', '0'.repeat(62)]) {
    writeFileSync(file, text);
    expect(() => loadPepper(file, randomBytes)).toThrow('does not hold 32 bytes as hex');
  }
});

test('two processes that start together use one pepper', () => {
  let inner: Uint8Array | undefined;
  // The other process comes while this one is making its own.
  const pepper = loadPepper(file, (count) => {
    inner ??= loadPepper(file, randomBytes);
    return randomBytes(count);
  });
  expect(pepper).toEqual(inner);
});
