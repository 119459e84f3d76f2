import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { startFlashmux, stopFlashmux, temporaryHome } from '../cli/flashmux-process.ts';

const prices = (usd: string): string =>
  `prices:\n  - model: qwen-flash\n    from: 2026-01-01T00:00:00Z\n    tiers:\n      - per_million_tokens: { input-text: ${usd}, output-text: "1" }\n`;

test('SIGHUP reads the price file anew; a mistake in it is logged with its place, and the server stays', async () => {
  const place = await temporaryHome();
  try {
    const file = path.join(place.home, 'prices.yaml');
    await writeFile(file, prices('"0.1"'));
    const environment = { FLASHMUX_PRICES__FILE: file, FLASHMUX_ENGINE__ENABLED: 'false', FLASHMUX_SCRIPTED__ENABLED: 'true' };
    const server = startFlashmux(['serve'], { home: place.home, environment });
    try {
      await server.sees(/listens on http/);
      await writeFile(file, prices('0.2'));
      server.child.kill('SIGHUP');
      await server.sees(/prices\.yaml:5:31 [^"]*input-text: must be text/);
      await writeFile(file, prices('"0.2"'));
      server.child.kill('SIGHUP');
      await server.sees(/the prices were read anew/);
    } finally {
      await stopFlashmux(server);
    }
    expect((await server.ended).code).toBe(0);
  } finally {
    await place.remove();
  }
});

test('a server does not start on a price file with a mistake: it names the place and ends with 2', async () => {
  const place = await temporaryHome();
  try {
    await writeFile(path.join(place.home, 'prices.yaml'), prices('0.2'));
    const environment = { FLASHMUX_PRICES__FILE: 'prices.yaml', FLASHMUX_ENGINE__ENABLED: 'false' };
    const { ended } = startFlashmux(['serve'], { home: place.home, environment });
    expect(await ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/prices\.yaml:5:31 .*quotes/) });
  } finally {
    await place.remove();
  }
});
