import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultRoutingSettings } from '../settings.ts';
import { Circuit } from './circuit.ts';
import { handClock } from './live.test-support.ts';

const settings = defaultRoutingSettings.circuit;
const runs = { numRuns: Number(process.env['FLASHMUX_FUZZ_RUNS'] ?? 300) };

function made() {
  const clock = handClock();
  const circuit = new Circuit(settings, clock.ticks);
  const call = (end: 'succeeded' | 'failed'): void => circuit[end](circuit.begins());
  return { clock, circuit, call, fails: (times: number) => Array.from({ length: times }, () => call('failed')) };
}

test('failures in a row open it, one fewer does not', () => {
  const { circuit, fails, call } = made();
  for (let round = 0; round < 20; round++) call('succeeded');
  fails(settings.failuresInRow - 1);
  expect(circuit.state).toEqual({ kind: 'closed' });
  fails(1);
  expect(circuit.state).toEqual({ kind: 'open', until: settings.firstOpenMs });
});

test('a share of failures opens it, although successes come between them', () => {
  const { circuit, call } = made();
  for (let round = 0; round < 12 && circuit.state.kind === 'closed'; round++) call(round % 3 === 2 ? 'failed' : 'succeeded');
  expect(circuit.state.kind).toBe('open');
});

test('failures of long ago are no part of the share', () => {
  const { clock, circuit, call } = made();
  for (let round = 0; round < 30; round++) {
    call(round % 4 === 3 ? 'failed' : 'succeeded');
    clock.pass(settings.windowMs / 4);
  }
  expect(circuit.state).toEqual({ kind: 'closed' });
});

test('after its time one call finds out, and no second one meanwhile', () => {
  const { clock, circuit, fails } = made();
  fails(settings.failuresInRow);
  clock.pass(settings.firstOpenMs);
  expect(circuit.state).toEqual({ kind: 'half-open', isTried: false });
  circuit.offers();
  expect(circuit.state).toEqual({ kind: 'half-open', isTried: true });
  const trial = circuit.begins();
  clock.pass(60_000);
  expect(circuit.state).toEqual({ kind: 'half-open', isTried: true });
  circuit.succeeded(trial);
  expect(circuit.state).toEqual({ kind: 'closed' });
});

test('a plan that is not carried out keeps others from finding out for a moment only', () => {
  const { clock, circuit, fails } = made();
  fails(settings.failuresInRow);
  clock.pass(settings.firstOpenMs);
  circuit.offers();
  clock.pass(1_000);
  expect(circuit.state).toEqual({ kind: 'half-open', isTried: false });
});

test('a call whose caller left finds out nothing, and the next one may', () => {
  const { clock, circuit, fails } = made();
  fails(settings.failuresInRow);
  clock.pass(settings.firstOpenMs);
  circuit.saidNothing(circuit.begins());
  expect(circuit.state).toEqual({ kind: 'half-open', isTried: false });
});

test('each opening doubles the time, up to the cap, and a sound host starts anew', () => {
  const { clock, circuit, fails, call } = made();
  fails(settings.failuresInRow);
  const times: number[] = [];
  for (let opening = 0; opening < 12; opening++) {
    const { state } = circuit;
    if (state.kind !== 'open') throw new Error(`the circuit is ${state.kind}`);
    times.push(state.until - clock.ticks());
    clock.pass(state.until - clock.ticks());
    fails(1);
  }
  const expected = times.map((_, opening) => Math.min(settings.firstOpenMs * 2 ** opening, settings.longestOpenMs));
  expect(times).toEqual(expected);
  clock.pass(settings.longestOpenMs);
  for (let round = 0; round < settings.successesToForget; round++) call('succeeded');
  fails(settings.failuresInRow);
  expect(circuit.state).toEqual({ kind: 'open', until: clock.ticks() + settings.firstOpenMs });
});

test('until it was sound for a while, each failure opens it again', () => {
  const { clock, circuit, fails, call } = made();
  fails(settings.failuresInRow);
  clock.pass(settings.firstOpenMs);
  for (let round = 1; round < settings.successesToForget; round++) call('succeeded');
  expect(circuit.state).toEqual({ kind: 'closed' });
  fails(1);
  expect(circuit.state).toEqual({ kind: 'open', until: clock.ticks() + 2 * settings.firstOpenMs });
});

test('what was begun before an opening says nothing about it', () => {
  const { clock, circuit, fails } = made();
  const [slow, slower] = [circuit.begins(), circuit.begins()];
  fails(settings.failuresInRow);
  circuit.succeeded(slow);
  expect(circuit.state.kind).toBe('open');
  clock.pass(settings.firstOpenMs);
  circuit.failed(slower);
  expect(circuit.state).toEqual({ kind: 'half-open', isTried: false });
});

test('a host that asks for rest gets it, up to a limit, and nothing has failed', () => {
  const { clock, circuit } = made();
  circuit.rests(7_000);
  expect(circuit.state).toEqual({ kind: 'resting', until: 7_000 });
  circuit.rests(1_000);
  expect(circuit.state).toEqual({ kind: 'resting', until: 7_000 });
  clock.pass(7_000);
  expect(circuit.state).toEqual({ kind: 'closed' });
  circuit.rests(undefined);
  expect(circuit.state).toEqual({ kind: 'resting', until: 7_000 + settings.restMs });
  circuit.rests(1e12);
  expect(circuit.state).toEqual({ kind: 'resting', until: 7_000 + settings.longestRestMs });
});

const step = fc.oneof(
  fc.record({ kind: fc.constant('wait' as const), milliseconds: fc.integer({ min: 0, max: 400_000 }) }),
  fc.record({ kind: fc.constantFrom('begin' as const, 'succeed' as const, 'fail' as const, 'leave' as const, 'offer' as const) }),
  fc.record({ kind: fc.constant('rest' as const), milliseconds: fc.integer({ min: 0, max: 10_000_000 }) }),
);

test('whatever happens, it is asked again within the longest waits, and one success then closes it', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const { clock, circuit } = made();
      const running: ReturnType<Circuit['begins']>[] = [];
      const next = (): ReturnType<Circuit['begins']> => running.shift() ?? circuit.begins();
      for (const each of steps) {
        if (each.kind === 'wait') clock.pass(each.milliseconds);
        if (each.kind === 'begin') running.push(circuit.begins());
        if (each.kind === 'succeed') circuit.succeeded(next());
        if (each.kind === 'fail') circuit.failed(next());
        if (each.kind === 'leave') circuit.saidNothing(next());
        if (each.kind === 'offer') circuit.offers();
        if (each.kind === 'rest') circuit.rests(each.milliseconds);
        const { state } = circuit;
        if (state.kind === 'open') expect(state.until - clock.ticks()).toBeLessThanOrEqual(settings.longestOpenMs);
        if (state.kind === 'resting') expect(state.until - clock.ticks()).toBeLessThanOrEqual(settings.longestRestMs);
      }
      clock.pass(settings.longestRestMs + settings.longestOpenMs);
      expect(['closed', 'half-open']).toContain(circuit.state.kind);
      expect(circuit.state).not.toMatchObject({ isTried: true });
      circuit.succeeded(circuit.begins());
      expect(circuit.state).toEqual({ kind: 'closed' });
    }),
    runs,
  );
});
