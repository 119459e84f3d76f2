import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { postChat, shortChat } from '../support/chat-body.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/** Nano-dollars a token. */
const rates = { 'input-text': 1_000n, 'cache-read-explicit': 100n, 'cache-write': 1_250n, 'output-text': 2_000n };

const priceFile = `prices:
  - model: qwen3.5-flash
    from: 2026-01-01T00:00:00Z
    tiers:
      - per_million_tokens: { input-text: "1", cache-read-explicit: "10%", cache-read-implicit: "20%", cache-write: "125%", output-text: "2" }
`;

let folder = '';
let server: TestServer;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashmux-cache-bill-'));
  const file = path.join(folder, 'prices.yaml');
  await writeFile(file, priceFile);
  // One sequence: whoever comes between takes it.
  server = await startTestServer({ settings: { prices: { file }, engine: { parallel: 1 } }, store: 'memory' });
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});
