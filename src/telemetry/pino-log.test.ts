import { expect, test } from 'vitest';
import { createPinoLog } from './pino-log.ts';

function lines(): { readonly written: string[]; readonly destination: { write(line: string): void } } {
  const written: string[] = [];
  return { written, destination: { write: (line) => void written.push(line) } };
}

test('a key never reaches the log, neither in a field nor inside a message', () => {
  const { written, destination } = lines();
  const log = createPinoLog({ level: 'info', destination });
  log.info({ authorization: 'Bearer fm_live_abcdefSECRETSECRET', nested: { apiKey: 'sk-abcdefghijklmnopqrstu' } }, 'refused');
  log.warn({ requestId: 'req_1' }, 'somebody sent fm_live_abcdefSECRETSECRET and sk-abcdefghijklmnopqrstu');
  expect(written.join('')).not.toMatch(/SECRET|ghijklmn/);
  expect(written[1]).toContain('fm_live_abcdef[cut]');
});

test('fields that could hold a secret are cut out at the top, one level below, and of what a child says with each line', () => {
  const { written, destination } = lines();
  const log = createPinoLog({ level: 'info', destination });
  const fields = { key: 'a1', body: { text: 'b2' }, call: { prompt: 'c3', messages: ['d4'], model: 'm' }, list: ['stays'] };
  log.info(fields, 'one');
  log.child({ password: 'e5', part: { token: 'f6' } }).info({ requestId: 'req_1' }, 'two');
  expect(written.join('')).not.toMatch(/a1|b2|c3|d4|e5|f6/);
  expect(JSON.parse(written[0] ?? '')).toMatchObject({ key: '[cut]', body: '[cut]', call: { model: 'm' }, list: ['stays'] });
  expect(JSON.parse(written[1] ?? '')).toMatchObject({ password: '[cut]', part: { token: '[cut]' }, requestId: 'req_1' });
  // The caller's own object is left as it was.
  expect(fields.key).toBe('a1');
});

test('an error keeps its code and its cause, also where the cause is the error itself', () => {
  const { written, destination } = lines();
  const error: Error & { code?: string } = new Error('outer', { cause: new Error('inner') });
  error.code = 'EPIPE';
  const circular = new Error('circular');
  circular.cause = circular;
  const log = createPinoLog({ level: 'info', destination });
  log.error({ error }, 'failed');
  log.error({ error: circular }, 'failed');
  expect(JSON.parse(written[0] ?? '')).toMatchObject({ error: { message: 'outer', code: 'EPIPE', cause: { message: 'inner' } } });
  expect(written[1]).toContain('circular');
});
