import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createPinoLog } from '../telemetry/pino-log.ts';
import { GatheredLines } from './gathered-lines.ts';

function gathering() {
  const written: string[] = [];
  const lines = new GatheredLines((text) => void written.push(text));
  const messages = (): readonly unknown[] =>
    written.map((text) =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).msg),
    );
  return { lines, log: createPinoLog({ level: 'debug', destination: lines }), messages };
}

test('the lines of one turn are written in one go and in their order, those of the next after them', async () => {
  const { log, messages } = gathering();
  log.info({}, 'one');
  log.debug({}, 'two');
  expect(messages()).toEqual([]);
  await nextTurn();
  log.info({}, 'three');
  await nextTurn();
  expect(messages()).toEqual([['one', 'two'], ['three']]);
});

test('a warning and an error are written at once, with what was said before them', async () => {
  const { log, messages } = gathering();
  log.info({}, 'before');
  log.warn({}, 'a warning');
  log.error({}, 'an error');
  expect(messages()).toEqual([['before', 'a warning'], ['an error']]);
  await nextTurn();
  expect(messages()).toHaveLength(2);
});

test('what waits at the end of the process can be written then', () => {
  const { log, lines, messages } = gathering();
  log.info({}, 'last words');
  lines.flush();
  lines.flush();
  expect(messages()).toEqual([['last words']]);
});
