import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createTerminal, table } from './terminal.ts';

function capture(isTTY: boolean): {
  readonly terminal: ReturnType<typeof createTerminal>;
  text(): string;
  pass(ms: number): void;
} {
  const stderr = Object.assign(new PassThrough(), { isTTY, columns: 20 });
  let now = 0;
  const terminal = createTerminal({ stdout: new PassThrough(), stderr, ticks: () => now });
  return { terminal, text: () => String(stderr.read() ?? ''), pass: (ms) => void (now += ms) };
}

test('on a terminal a status is replaced, cut to the width, and cleared before the next line', () => {
  const { terminal, text } = capture(true);
  terminal.status('a very long line of progress');
  terminal.say('done');
  expect(text()).toBe('\r\u001B[Ka very long line of\r\u001B[Kdone\n');
});

test('elsewhere a status is a line, at most every 5 seconds', () => {
  const { terminal, text, pass } = capture(false);
  terminal.status('1 %');
  terminal.status('2 %');
  pass(5_000);
  terminal.status('3 %');
  expect(text()).toBe('1 %\n3 %\n');
});

test('a table has columns as wide as their widest cell', () => {
  expect(table(['id', 'name'], [['a-long-id', 'x']])).toEqual(['id         name', 'a-long-id  x']);
});
