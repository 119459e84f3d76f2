import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lawRuns } from '../../../tests/support/arbitraries/fuzz-runs.ts';
import type { AnswerEvent } from '../../model/event.ts';
import { FlashmuxError } from '../../model/fault.ts';
import { fold } from '../../model/fold.ts';
import { parseJson, type Json } from '../../model/json.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { attemptOf, requestOf } from '../attempt.test-support.ts';
import type { Abilities } from './abilities.ts';
import { anyAbilities, anyWish, wantedSchema } from './abilities.test-support.ts';
import { approach } from './approach.ts';
import { CompiledSchemas } from './compiled-schemas.ts';
import { guaranteed } from './guaranteed.ts';
import { callPart, ending, hostOfTries, opening, textPart, thoughtPart, used, type Try } from './host-of-tries.test-support.ts';
import type { SchemaChecker } from './schema-checker.ts';

const fits = new Ajv2020().compile(wantedSchema);

/** The real rules without the thread, which would make a thousand cases slow. */
const schemas = new CompiledSchemas();
const checker: SchemaChecker = {
  accept: () => Promise.resolve(),
  check(wanted, value) {
    const verdict = schemas.verdict(JSON.stringify(wanted), value);
    return Promise.resolve(verdict.kind === 'fits' ? undefined : verdict.complaint);
  },
};

const said = fc.oneof(
  {
    arbitrary: fc.constantFrom('{"a":1}', '{"a":"1"}', '```json\n{"a":2,}\n```', 'So: {"a":3}.', '[]', '{"b":1}', 'no', ''),
    weight: 3,
  },
  fc.array(fc.constantFrom('{', '}', '"a"', ':', '1', ',', '```', '\n', ' ', 'x', '[', ']')).map((pieces) => pieces.join('')),
  fc.string(),
);

type Piece = (index: number) => readonly AnswerEvent[];
const refusal: Piece = (index) => {
  const at = { answer: 0, index };
  return [
    { kind: 'part-start', ...at, part: { kind: 'refusal' } },
    { kind: 'part-delta', ...at, delta: { kind: 'text', text: 'No.' } },
    { kind: 'part-end', ...at },
  ];
};
const piece: fc.Arbitrary<Piece> = fc.oneof(
  {
    arbitrary: said.map(
      (text): Piece =>
        (index) =>
          textPart(text, index),
    ),
    weight: 4,
  },
  fc.string().map(
    (text): Piece =>
      (index) =>
        thoughtPart(text, index),
  ),
  fc.constantFrom('f', 'g').map(
    (name): Piece =>
      (index) =>
        callPart(name, '{}', index, 'same-id'),
  ),
  fc.constant(refusal),
);

/** Whatever a host may do: no end or two, two openings, a usage at any place or none, an answer nobody asked for, a fault. */
const play: fc.Arbitrary<Try> = fc
  .record({
    openings: fc.constantFrom(1, 1, 1, 2),
    pieces: fc.array(piece, { maxLength: 3 }),
    usageFirst: fc.boolean(),
    ends: fc.array(fc.constantFrom('stop', 'stop', 'stop', 'length', 'other', 'tool-calls', 'error'), { maxLength: 2 }),
    usages: fc.nat({ max: 2 }),
    foreign: fc.boolean(),
    fault: fc.option(fc.constantFrom('upstream_failed', 'rate_limited', 'invalid_request'), { nil: undefined, freq: 6 }),
  })
  .map(({ openings, pieces, usageFirst, ends, usages, foreign, fault }) => ({
    events: [
      ...Array.from({ length: openings }, () => opening),
      ...(usageFirst ? [used(3, 0)] : []),
      ...pieces.flatMap((make, index) => make(index)),
      ...(foreign
        ? textPart('from nowhere').map((event): AnswerEvent => ('answer' in event ? { ...event, answer: 7 } : event))
        : []),
      ...ends.map((reason) => ending(reason)),
      ...Array.from({ length: usages }, () => used(3, 4)),
    ],
    ...(fault === undefined ? {} : { fault: new FlashmuxError(fault, 'the host says no') }),
  }));

interface Outcome {
  readonly events: readonly AnswerEvent[];
  readonly fault: unknown;
  readonly asked: number;
}

/** Reads what comes, and cancels after so many batches, or once the host says nothing more. */
async function outcomeOf(
  tries: readonly Try[],
  request: GenerateRequest,
  can: Abilities,
  cancelAfter = Infinity,
): Promise<Outcome> {
  const controller = new AbortController();
  const host = hostOfTries(tries, () => setImmediate(() => controller.abort()));
  const provider = guaranteed(host.provider, can, { checker, newCallId: ids() });
  const events: AnswerEvent[] = [];
  let batches = 0;
  let fault: unknown;
  try {
    for await (const batch of provider.run(attemptOf(request), controller.signal)) {
      expect(batch.length).toBeGreaterThan(0);
      events.push(...batch);
      if (++batches === cancelAfter) controller.abort();
    }
  } catch (error) {
    fault = error;
  }
  await new Promise((resolve) => setImmediate(resolve));
  expect(host.running(), 'answers that still run').toBe(0);
  return { events, fault, asked: host.asked.length };
}

function ids(): () => string {
  let next = 0;
  return () => `made-${next++}`;
}

const tryList = fc.array(play, { minLength: 1, maxLength: 5 });

it('whatever a host does, the caller gets an answer that keeps to its form, or a fault and no text', async () => {
  await fc.assert(
    fc.asyncProperty(tryList, anyWish, anyAbilities, async (tries, more, can) => {
      const request = requestOf('Hi', more);
      const way = approach(request, can);
      fc.pre(way.holds);
      const { events, fault, asked } = await outcomeOf(tries, request, can);
      const count = request.answers ?? 1;
      expect(asked).toBeLessThanOrEqual(3 * count);
      expect(events.filter(({ kind }) => kind === 'answer-start').length).toBeLessThanOrEqual(1);
      expect(events.filter(({ kind }) => kind === 'usage').length).toBeLessThanOrEqual(1);
      if (fault !== undefined) expect(FlashmuxError.is(fault)).toBe(true);
      const { choices } = fold(events);
      if (fault === undefined) expect(choices).toHaveLength(count);
      for (const { parts, reason } of choices) {
        const texts = parts.flatMap((part) => (part.kind === 'text' ? [part.text] : []));
        const isOther = parts.some(({ kind }) => kind === 'refusal' || (kind === 'tool-call' && request.tools.length > 0));
        if (reason === undefined) expect(isOther ? [] : texts).toEqual([]);
        else if (!isOther && reason !== 'length' && reason !== 'error')
          expect(isOfForm(parseJson(texts.join('')), way.form?.kind)).toBe(true);
        const calls = parts.flatMap((part) => (part.kind === 'tool-call' ? [part] : []));
        expect(new Set(calls.map(({ callId }) => callId)).size).toBe(calls.length);
        if (request.parallelToolCalls === false) expect(calls.length).toBeLessThanOrEqual(1);
        if (request.toolChoice?.kind === 'none') expect(calls).toEqual([]);
      }
      expectOrder(events);
    }),
    { numRuns: lawRuns },
  );
});

it('cancelled at any moment, nothing runs on and nothing more is asked', async () => {
  await fc.assert(
    fc.asyncProperty(tryList, anyWish, anyAbilities, fc.integer({ min: 1, max: 12 }), async (tries, more, can, after) => {
      const hanging = tries.map((one, at) => (at === tries.length - 1 ? { ...one, hangs: true } : one));
      const { events, asked } = await outcomeOf(hanging, requestOf('Hi', { ...more, answers: 1 }), can, after);
      expect(asked).toBeLessThanOrEqual(3);
      expectOrder(events);
    }),
    { numRuns: lawRuns },
  );
});

function isOfForm(value: Json | undefined, kind: 'json' | 'schema' | undefined): boolean {
  if (kind === undefined) return false;
  return kind === 'json' ? typeof value === 'object' && value !== null && !Array.isArray(value) : fits(value);
}

/** Parts are counted from 0 in the order in which they start, and speak while they are open. */
function expectOrder(events: readonly AnswerEvent[]): void {
  const starts = new Map<number, number>();
  const open = new Set<string>();
  for (const event of events) {
    if (event.kind === 'part-start') {
      const next = starts.get(event.answer) ?? 0;
      expect(event.index).toBe(next);
      starts.set(event.answer, next + 1);
      open.add(`${event.answer}/${event.index}`);
    } else if (event.kind === 'part-delta') expect(open).toContain(`${event.answer}/${event.index}`);
    else if (event.kind === 'part-end') expect(open.delete(`${event.answer}/${event.index}`)).toBe(true);
  }
}
