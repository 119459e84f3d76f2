import { expect, test } from 'vitest';
import { createPinoLog } from '../telemetry/pino-log.ts';
import { readableLogLine } from './readable-log.ts';

function readable(): { readonly lines: string[]; readonly log: ReturnType<typeof createPinoLog> } {
  const lines: string[] = [];
  return { lines, log: createPinoLog({ level: 'debug', destination: { write: (line) => lines.push(readableLogLine(line)) } }) };
}

test('a request is one short line with its id', () => {
  const { lines, log } = readable();
  log.info(
    { requestId: 'req_1', method: 'POST', route: '/v1/x', status: 200, durationMs: 12.4, bytesOut: 7, model: 'm' },
    'request',
  );
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d POST {2}\/v1\/x {2}200 {2}12 ms {2}m {2}req_1$/);
});

test('what has no short form shows every field, an error by its message', () => {
  const { lines, log } = readable();
  log.error({ error: new Error('broken'), count: 3 }, 'holds could not be looked through');
  expect(lines[0]).toMatch(/ERROR holds could not be looked through {2}error="broken" {2}count=3$/);
});

test('what is no JSON is left as it is', () => {
  expect(readableLogLine('plain words\n')).toBe('plain words');
});
