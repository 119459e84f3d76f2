import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCatalogue } from '../../src/catalogue/create-catalogue.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { configuredHosts } from '../../src/main/configured-models.ts';
import { knownHosts } from '../../src/providers/known-hosts/known-hosts.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'flashmux-documents-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const environment = {
  DASHSCOPE_API_KEY: 'k',
  GPU_KEY: 'k',
  KEY_ONE: 'k1',
  KEY_TWO: 'k2',
  ACMES_OWN_KEY: 'k3',
  ANTHROPIC_API_KEY: 'k4',
  OPENAI_API_KEY: 'k5',
};

function blocks(file: string): readonly string[] {
  const text = readFileSync(path.join(import.meta.dirname, '../../docs', file), 'utf8');
  return [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml = '']) => yaml);
}

describe.each(['providers.md', 'deploy.md'])('docs/%s', (file) => {
  test('shows configurations that are right, and each of their providers serves something', () => {
    const shown = blocks(file);
    expect(shown.length).toBeGreaterThan(0);
    for (const yaml of shown) {
      writeFileSync(path.join(folder, 'flashmux.yaml'), yaml);
      const { config } = loadConfig({ environment, flags: [], workingFolder: folder, presets: knownHosts });
      const serving = new Set(configuredHosts(config, createCatalogue()).map(({ provider }) => provider));
      expect([...serving]).toEqual(config.providers.map(({ name }) => name));
    }
  });
});
