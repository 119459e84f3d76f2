import { describe, expect, it } from 'vitest';
import { describeBytes, describeProgress, progressMeter, type PullProgress } from './progress.ts';

describe('a line of progress', () => {
  it('says how much, how fast and how long', () => {
    const progress = {
      id: 'tinyllama-1.1b-chat',
      phase: 'downloading',
      receivedBytes: 128_000_000,
      totalBytes: 322_591_712,
      bytesPerSecond: 12_300_000,
    } as const;
    expect(describeProgress(progress)).toBe('tinyllama-1.1b-chat  128.0 / 322.6 MB  39 %  12.3 MB/s  eta 16 s');
  });

  it('leaves out what is not known', () => {
    expect(describeProgress({ id: 'x', phase: 'downloading', receivedBytes: 1500 })).toBe('x  1.5 kB');
    expect(describeProgress({ id: 'x', phase: 'waiting', receivedBytes: 0 })).toBe('x  waiting');
    expect(describeProgress({ id: 'x', phase: 'verifying', receivedBytes: 5e9, totalBytes: 2e10 })).toBe(
      'x  verifying  5.00 / 20.00 GB  25 %',
    );
  });

  it('says 100 % only when all is there', () => {
    const almost = { id: 'x', phase: 'downloading', receivedBytes: 999, totalBytes: 1000 } as const;
    expect(describeProgress(almost)).toContain('99 %');
    expect(describeProgress({ ...almost, receivedBytes: 1000 })).toContain('100 %');
  });

  it('says long times in minutes and hours', () => {
    const slow = { id: 'x', phase: 'downloading', receivedBytes: 0, bytesPerSecond: 1000 } as const;
    expect(describeProgress({ ...slow, totalBytes: 150_000 })).toContain('eta 3 min');
    expect(describeProgress({ ...slow, totalBytes: 9_000_000 })).toContain('eta 2 h 30 min');
  });

  it('says bytes in the unit that fits', () => {
    expect([0, 999, 1000, 1e6, 1.5e9].map(describeBytes)).toEqual(['0 B', '999 B', '1.0 kB', '1.0 MB', '1.50 GB']);
  });
});

function meter() {
  const reports: PullProgress[] = [];
  let ticks = 0;
  const report = progressMeter('x', { now: () => 0, ticks: () => ticks }, (progress) => reports.push(progress));
  return { reports, report, wait: (ms: number) => (ticks += ms) };
}

describe('the meter', () => {
  it('reports at most ten times a second, and always the end', () => {
    const { reports, report, wait } = meter();
    for (let receivedBytes = 0; receivedBytes <= 1000; receivedBytes++) {
      report({ phase: 'downloading', receivedBytes, totalBytes: 1000 });
      wait(1);
    }
    expect(reports.length).toBeLessThanOrEqual(12);
    expect(reports.at(-1)).toMatchObject({ receivedBytes: 1000 });
  });

  it('measures speed over the last seconds, without what was there before', () => {
    const { reports, report, wait } = meter();
    report({ phase: 'downloading', receivedBytes: 5_000_000 });
    wait(1000);
    report({ phase: 'downloading', receivedBytes: 5_100_000 });
    expect(reports[0]).not.toHaveProperty('bytesPerSecond');
    expect(reports[1]?.bytesPerSecond).toBe(100_000);
    wait(10_000);
    report({ phase: 'downloading', receivedBytes: 5_100_000 });
    wait(1000);
    report({ phase: 'downloading', receivedBytes: 5_150_000 });
    expect(reports[3]?.bytesPerSecond).toBe(50_000);
  });

  it('starts anew with a phase', () => {
    const { reports, report, wait } = meter();
    report({ phase: 'downloading', receivedBytes: 1000 });
    wait(50);
    report({ phase: 'unpacking', receivedBytes: 10 });
    expect(reports.map(({ phase, bytesPerSecond }) => [phase, bytesPerSecond])).toEqual([
      ['downloading', undefined],
      ['unpacking', undefined],
    ]);
  });
});
