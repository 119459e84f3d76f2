import type { FaultName } from './faulty-host.ts';

/**
 * What comes of each way in which a host fails: for a caller who wants a stream and one who wants a whole answer where no other host is left,
 * what each of them pays, and what the circuit of the host does after three such calls. Where another host is left, every fault that
 * ends without a whole answer before the first word is answered by that one. docs/routing.md prints this.
 */
export interface FaultRow {
  readonly fault: FaultName | 'refused';
  readonly what: string;
  /** `answered`: all of it. A status: before the first word. `broken`: some words, then a fault in the stream. */
  readonly stream: Outcome;
  readonly whole: Outcome;
  readonly code?: string;
  /** Tokens that a streaming caller pays for. */
  readonly billed:
    | 'nothing'
    | 'what was said, counted here'
    | 'the usage that was told'
    | 'the whole answer, counted here'
    | 'no more than was held';
  readonly circuit: 'closed' | 'open' | 'resting';
}

export type Outcome = 'answered' | 'broken' | 429 | 502 | 503 | 504;

export const faultMatrix: readonly FaultRow[] = [
  row('refused', 'nobody listens', 502, 502, 'upstream_failed', 'nothing', 'open'),
  row('reset-before-head', 'the connection is reset before the head', 502, 502, 'upstream_failed', 'nothing', 'open'),
  row(
    'reset-mid-stream',
    'the connection is reset in the answer',
    'broken',
    502,
    'upstream_failed',
    'what was said, counted here',
    'open',
  ),
  row('slow-head', 'no head in time', 504, 504, 'upstream_timeout', 'nothing', 'open'),
  row('stall-mid-stream', 'silence in the answer', 'broken', 504, 'upstream_timeout', 'what was said, counted here', 'open'),
  row('status-401', 'the key is refused', 502, 502, 'upstream_refused', 'nothing', 'open'),
  row('status-429', 'too many requests', 429, 429, 'rate_limit_exceeded', 'nothing', 'resting'),
  row('status-429-retry-after', 'too many requests, come back in 60 s', 429, 429, 'rate_limit_exceeded', 'nothing', 'resting'),
  row('status-500', 'status 500', 502, 502, 'upstream_failed', 'nothing', 'open'),
  row('status-503', 'status 503', 502, 502, 'upstream_failed', 'nothing', 'open'),
  row('malformed-json', 'an event that is no JSON', 502, 502, 'upstream_failed', 'nothing', 'open'),
  row('malformed-sse', 'a body that is no event stream', 502, 502, 'upstream_failed', 'nothing', 'open'),
  row('wrong-content-type', 'a page in place of an answer', 502, 502, 'upstream_failed', 'nothing', 'open'),
  row(
    'duplicate-finish',
    'two ends, and words between them',
    'answered',
    'answered',
    undefined,
    'the usage that was told',
    'closed',
  ),
  row(
    'missing-finish',
    'the body ends before the answer',
    'broken',
    502,
    'upstream_failed',
    'what was said, counted here',
    'open',
  ),
  row('huge-chunk', 'a delta of one mebibyte', 'answered', 'answered', undefined, 'the usage that was told', 'closed'),
  row('usage-twice', 'the usage told twice', 'answered', 'answered', undefined, 'the usage that was told', 'closed'),
  row(
    'usage-repeated-totals',
    'usage with every part of the answer',
    'answered',
    'answered',
    undefined,
    'the usage that was told',
    'closed',
  ),
  row('no-usage', 'no usage at all', 'answered', 'answered', undefined, 'the whole answer, counted here', 'closed'),
  row('absurd-usage', 'a negative prompt and 10^15 tokens', 'answered', 'answered', undefined, 'no more than was held', 'closed'),
];

function row(
  ...[fault, what, stream, whole, code, billed, circuit]: [
    FaultRow['fault'],
    string,
    Outcome,
    Outcome,
    string | undefined,
    FaultRow['billed'],
    FaultRow['circuit'],
  ]
): FaultRow {
  return { fault, what, stream, whole, billed, circuit, ...(code === undefined ? {} : { code }) };
}
