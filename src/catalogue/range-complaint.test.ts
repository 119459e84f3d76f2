import { expect, test } from 'vitest';
import { rangeComplaint } from './range-complaint.ts';

test.each([
  [3, { type: 'number', minimum: 0, maximum: 2 }, { path: '', fault: 'is 3', accepted: 'a number from 0 to 2' }],
  [-1, { type: 'integer', minimum: 0 }, { path: '', fault: 'is -1', accepted: 'a whole number from 0' }],
  [1.5, { type: ['integer', 'null'] }, { path: '', fault: 'is 1.5', accepted: 'a whole number' }],
  [9, { type: 'number', maximum: 8 }, { path: '', fault: 'is 9', accepted: 'a number up to 8' }],
  [0, { type: 'number', exclusiveMinimum: 0 }, { path: '', fault: 'is 0', accepted: 'a number above 0' }],
  ['x', { enum: ['a', 'b', null] }, { path: '', fault: 'is "x"', accepted: 'one of a, b' }],
  [[1, 2, 3], { maxItems: 2 }, { path: '', fault: 'has 3 entries', accepted: 'at most 2 entries' }],
  [[1, 9], { items: { maximum: 5 } }, { path: '[1]', fault: 'is 9', accepted: 'a number up to 5' }],
  [{ a: { b: 9 } }, { properties: { a: { additionalProperties: { maximum: 5 } } } }, { path: '.a.b', fault: 'is 9' }],
])('%j outside %j is told with its place and the range', (value, schema, complaint) => {
  expect(rangeComplaint(value, schema)).toMatchObject(complaint);
});

test.each([
  [2, { minimum: 0, maximum: 2 }],
  [null, { type: ['number', 'null'], minimum: 0 }],
  ['anything', { minimum: 0, maxItems: 1 }],
  [{ voice: 'Tina' }, { properties: { format: { enum: ['wav'] } } }],
  [1, { type: ['integer', 'number'] }],
])('%j within %j says nothing', (value, schema) => {
  expect(rangeComplaint(value, schema)).toBeUndefined();
});

test('a long value is cut short in the message', () => {
  expect(rangeComplaint('y'.repeat(500), { enum: ['a'] })?.fault.length).toBeLessThan(60);
});
