import { describe, expect, test } from 'vitest';
import {
  cpuMicroseconds,
  familyOf,
  memoryBytes,
  parseProportionalBytes,
  parseStat,
} from '../../bench/gateway/measure/process-usage.ts';

function stat(processId: number, parentId: number, { name = 'node', own = '7 3', ended = '0 0' } = {}): string {
  return `${processId} (${name}) S ${parentId} 1 1 0 -1 4194304 100 0 0 0 ${own} ${ended} 20 0 7 0 100 1000000 500`;
}

describe('parseStat', () => {
  test('sums user and system time, of the process and of its ended children', () => {
    expect(parseStat(stat(12, 4, { own: '70 5', ended: '20 1' }))).toEqual({
      processId: 12,
      parentId: 4,
      ownTicks: 75,
      endedChildrenTicks: 21,
    });
  });

  test.each(['a b', 'nginx: worker', ') S 1', '((x) y)'])('is not led astray by the name %j', (name) => {
    expect(parseStat(stat(12, 4, { name }))).toEqual(parseStat(stat(12, 4)));
  });

  test.each(['', '12 node S 4', '12 (node) S'])('refuses %j', (text) => {
    expect(() => parseStat(text)).toThrow('no number');
  });
});

test('a family is the roots with everything below them, each once, and nobody else', () => {
  const stats = [stat(1, 0), stat(10, 1), stat(11, 10), stat(12, 11), stat(20, 1), stat(21, 20)].map(parseStat);
  const ids = (roots: readonly number[]): readonly number[] => familyOf(roots, stats).map(({ processId }) => processId);
  expect(ids([10])).toEqual([10, 11, 12]);
  expect(ids([10, 11])).toEqual([10, 11, 12]);
  expect(ids([10, 20])).toEqual([10, 20, 11, 21, 12]);
  expect(ids([99])).toEqual([]);
});

test('the proportional set size is read in bytes, and its absence is no zero', () => {
  expect(parseProportionalBytes('Rss:  10 kB\nPss:     7 kB\nPss_Dirty:  3 kB\n')).toBe(7 * 1_024);
  expect(() => parseProportionalBytes('Rss:  10 kB\n')).toThrow('does not tell');
});

test.runIf(process.platform === 'linux')('work of this process appears in its own account', () => {
  const before = cpuMicroseconds([process.pid]);
  while (process.cpuUsage().user + process.cpuUsage().system < 100_000) JSON.stringify(process.versions);
  const until = performance.now() + 60;
  while (performance.now() < until) JSON.stringify(process.versions);
  expect(cpuMicroseconds([process.pid])).toBeGreaterThan(before);
  expect(memoryBytes([process.pid])).toBeGreaterThan(1_000_000);
});
