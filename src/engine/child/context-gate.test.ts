import { expect, test } from 'vitest';
import { ContextGate } from './context-gate.ts';

/** Turns of the event loop after which everything that can go on has gone on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('an open gate keeps nobody', async () => {
  const gate = new ContextGate();
  expect(gate.isClosed).toBe(false);
  await gate.pass();
});

test('who needs the context keeps all others until the last of them is done', async () => {
  const gate = new ContextGate();
  const first = Promise.withResolvers<string>();
  const second = Promise.withResolvers<string>();
  const seen: string[] = [];
  const work = [gate.alone(() => first.promise), gate.alone(() => second.promise)];
  const passing = gate.pass().then(() => seen.push('passed'));
  first.resolve('one');
  await settled();
  expect([seen, gate.isClosed]).toEqual([[], true]);
  second.resolve('two');
  await passing;
  expect([await Promise.all(work), gate.isClosed]).toEqual([['one', 'two'], false]);
});

test('work that fails opens the gate too', async () => {
  const gate = new ContextGate();
  await expect(gate.alone(() => Promise.reject(new Error('no room')))).rejects.toThrow('no room');
  await gate.pass();
});

test('a gate that closes again before the waiting go on keeps them', async () => {
  const gate = new ContextGate();
  const again = Promise.withResolvers<void>();
  let passed = false;
  const once = gate.alone(() => Promise.resolve());
  const passing = gate.pass().then(() => (passed = true));
  await once;
  const twice = gate.alone(() => again.promise);
  await settled();
  // Whoever came through before the second claim has gone on; nobody else may.
  const late = gate.pass();
  expect(gate.isClosed).toBe(true);
  again.resolve();
  await Promise.all([twice, late, passing]);
  expect(passed).toBe(true);
});
