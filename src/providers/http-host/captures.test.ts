import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { fold } from '../../model/fold.ts';
import { isJsonObject, parseJson } from '../../model/json.ts';
import { attemptOf, requestOf } from '../attempt.test-support.ts';
import { hostRig, outcomeOf, streaming } from './host-rig.test-support.ts';
import { wires, type Wire } from './wires.test-support.ts';

// Streams as hosts send them, over a real socket in pieces of any size: the provider gives the same answer, or the same fault.

const root = path.join(import.meta.dirname, '../../../captures');

/** A capture names its protocol by the path that it was asked at, or is of chat completions. */
function wireOf(source: string): Wire | undefined {
  const name =
    source === 'anthropic' || source.endsWith('-messages')
      ? 'anthropic-messages'
      : source.endsWith('-responses')
        ? 'openai-responses'
        : 'openai-compatible';
  return wires.find((wire) => wire.name === name);
}

const cases = readdirSync(root)
  .flatMap((source) => readdirSync(path.join(root, source)).map((name) => [source, name] as const))
  .filter(([source, name]) => existsSync(path.join(root, source, name, 'answer.sse')));

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function replay(wire: Wire, bytes: Uint8Array, sizes: readonly number[]): Promise<unknown> {
  const pieces: Uint8Array[] = [];
  for (let start = 0, turn = 0; start < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    pieces.push(bytes.subarray(start, start + size));
    start += size;
  }
  const rig = await hostRig(wire.create, streaming(pieces));
  cleanups.push(() => rig.close());
  const { events, fault } = await outcomeOf(rig.provider.run(attemptOf(requestOf('hi')), new AbortController().signal));
  return fault?.code ?? fold(events.filter(({ kind }) => kind !== 'notice'));
}

describe.each(cases)('%s/%s', (source, name) => {
  const bytes = readFileSync(path.join(root, source, name, 'answer.sse'));
  const about = parseJson(readFileSync(path.join(root, source, name, 'about.json'), 'utf8'));
  const expected = about !== undefined && isJsonObject(about) ? about['fault'] : undefined;

  test('is read the same with its bytes split anywhere', async () => {
    const wire = wireOf(source);
    if (wire === undefined) throw new Error(`no wire for ${source}`);
    const whole = await replay(wire, bytes, [bytes.length]);
    if (expected === undefined) expect(whole).toMatchObject({ choices: expect.any(Array) });
    else expect(whole).toBe(expected);
    const splits = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(splits, async (sizes) => {
        expect(await replay(wire, bytes, sizes)).toEqual(whole);
      }),
      { numRuns: 4 },
    );
  });
});
