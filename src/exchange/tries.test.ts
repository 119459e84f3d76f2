import fc from 'fast-check';
import { expect, test } from 'vitest';
import { operatorModel } from '../catalogue/operator-model.ts';
import { FlashmuxError, type FaultCode } from '../model/fault.ts';
import type { PlannedAttempt } from '../routing/plan.ts';
import { request } from './serve.test-support.ts';
import { Tries, type RetrySettings } from './tries.ts';

const model = operatorModel({ id: 'm' });

function attempt(number: number): PlannedAttempt {
  const { limits, priceList } = model;
  const provider = `p${number}`;
  return { provider, upstreamModel: 'm', hostId: provider, answeringModel: 'm', request, limits, priceList, notices: [] };
}

interface Failure {
  readonly code: FaultCode;
  readonly retryAfterSeconds: number | undefined;
  readonly tookMs: number;
}

const anyFailure: fc.Arbitrary<Failure> = fc.record({
  code: fc.constantFrom('upstream_failed', 'upstream_refused', 'upstream_timeout', 'rate_limited', 'overloaded'),
  retryAfterSeconds: fc.option(fc.nat(5), { nil: undefined }),
  tookMs: fc.nat(3_000),
});

interface Asked {
  readonly provider: string;
  readonly at: number;
}

/** Every try, where each fails as the list says; from its end on all fail at once. */
function live(hosts: number, failures: readonly Failure[], settings: RetrySettings): readonly Asked[] {
  let now = 0;
  const planned = Array.from({ length: hosts }, (_, number) => attempt(number));
  const tries = new Tries({ planned, settings, ticks: () => now, chance: () => 0.5 });
  const asked: Asked[] = [];
  for (let number = 0; ; number++) {
    asked.push({ provider: tries.current.provider, at: now });
    const failure = failures[number] ?? { code: 'upstream_failed', retryAfterSeconds: undefined, tookMs: 0 };
    now += failure.tookMs;
    const pauseMs = tries.failed(faultOf(failure));
    if (pauseMs === undefined) return asked;
    now += pauseMs;
  }
}

function faultOf({ code, retryAfterSeconds }: Failure): FlashmuxError {
  return new FlashmuxError(code, 'no', retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
}

const settings: RetrySettings = { triesPerHost: 2, budgetMs: 10_000, firstPauseMs: 200, longestPauseMs: 2_000 };

test('every host is asked once in the order of the plan, then no host oftener than it may be, and none after the budget', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(anyFailure, { maxLength: 12 }), (hosts, failures) => {
      const asked = live(hosts, failures, settings);
      const names = Array.from({ length: hosts }, (_, number) => `p${number}`);
      expect(asked.slice(0, hosts).map(({ provider }) => provider)).toEqual(names);
      for (const name of names) expect(asked.filter(({ provider }) => provider === name).length).toBeLessThanOrEqual(2);
      for (const { at } of asked.slice(hosts)) expect(at).toBeLessThanOrEqual(settings.budgetMs);
    }),
  );
});

test('a host that says when to come back is not asked before, and one that cannot help is not asked again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(anyFailure, { minLength: 1, maxLength: 12 }), (hosts, failures) => {
      const asked = live(hosts, failures, settings);
      for (const [number, { provider, at }] of asked.entries()) {
        const failure = failures[number];
        const again = asked.slice(number + 1).find((later) => later.provider === provider);
        if (failure === undefined || again === undefined) continue;
        expect(['upstream_failed', 'rate_limited', 'overloaded']).toContain(failure.code);
        expect(again.at).toBeGreaterThanOrEqual(at + failure.tookMs + (failure.retryAfterSeconds ?? 0) * 1_000);
      }
    }),
  );
});

test('between two hosts nobody waits; before the same hosts again there is a pause', () => {
  const at = live(2, [], settings).map((each) => each.at);
  expect(at).toEqual([0, 0, 150, 150]);
});

test('what the caller must mend is tried nowhere else', () => {
  const tries = new Tries({ planned: [attempt(0), attempt(1)], settings, ticks: () => 0, chance: () => 0 });
  expect(tries.failed(new FlashmuxError('context_length_exceeded', 'too long'))).toBeUndefined();
});
