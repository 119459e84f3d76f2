import { expect, test } from 'vitest';
import { RestartPolicy } from './restart-policy.ts';

const options = { firstWaitMs: 100, longestWaitMs: 500, forgetAfterMs: 10_000, crashLimit: 4, pauseMs: 3000 };

test('each crash in a row waits twice as long, up to the longest, then restarts end', () => {
  const policy = new RestartPolicy(options);
  const decisions = [0, 1, 2, 3, 4].map((nowMs) => policy.crashed(nowMs));
  expect(decisions).toEqual([
    { kind: 'restart', waitMs: 100 },
    { kind: 'restart', waitMs: 200 },
    { kind: 'restart', waitMs: 400 },
    { kind: 'restart', waitMs: 500 },
    { kind: 'pause', atMs: 3004 },
  ]);
});

test('a crash after a long quiet time is the first again', () => {
  const policy = new RestartPolicy(options);
  for (const nowMs of [0, 1, 2, 3]) policy.crashed(nowMs);
  expect(policy.crashed(10_004)).toEqual({ kind: 'restart', waitMs: 100 });
});

test('forgetting makes the next crash the first', () => {
  const policy = new RestartPolicy(options);
  for (const nowMs of [0, 1, 2, 3, 4]) policy.crashed(nowMs);
  policy.forget();
  expect(policy.crashed(5)).toEqual({ kind: 'restart', waitMs: 100 });
});
