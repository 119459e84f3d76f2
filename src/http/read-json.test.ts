import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlashmuxError } from '../model/fault.ts';
import { parseJson } from '../model/json.ts';
import { firstJsonFault } from './json-fault.ts';
import type { Json } from '../model/json.ts';
import { ByteChunks } from './byte-chunks.ts';
import { JsonOutline } from './json-outline.ts';
import { readJson as readChunks } from './read-json.ts';

function readJson(bytes: Buffer, maxDepth: number): Json {
  return readChunks(new ByteChunks([bytes]), maxDepth);
}

function faultOf(bytes: Buffer | string): FlashmuxError {
  try {
    readJson(Buffer.from(bytes), 64);
  } catch (error) {
    if (FlashmuxError.is(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

function nested(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels);
}

describe('readJson', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(readJson(Buffer.from(text), 10_000)).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    ['', 'it ends where a value should be at position 0 (line 1, column 1)'],
    ['{"a": 1,}', 'it has "}" where a name in double quotes should be at position 8 (line 1, column 9)'],
    ['{\n  "a": x\n}', 'it has "x" where a value should be at position 9 (line 2, column 8)'],
    ['{"a": "b', 'it ends where the closing quote of a string should be at position 8'],
    ['{"a": 1} x', 'it has "x" where the end of the body should be at position 9'],
    ["{'a': 1}", 'it has "\'" where a name in double quotes should be at position 1'],
    ['[1 2]', 'it has "2" where "," or "]" should be at position 3'],
    ['["\t"]', 'it has "\\t" where an escaped character'],
    ['["\\x"]', 'it has "x" where an escape that JSON knows should be at position 3'],
    ['[01]', 'it has "1" where "," or "]" should be'],
    ['[1.]', 'it has "]" where a digit should be'],
    ['nul', 'it ends where null should be'],
  ])('says where %j goes wrong', (text, expected) => {
    const fault = faultOf(text);
    expect(fault.code).toBe('invalid_json');
    expect(fault.message).toContain(expected);
  });

  it('does not keep the body in the cause of its fault', () => {
    expect(faultOf('{"secret prompt": x}').cause).toBeUndefined();
  });

  it('skips a byte order mark and refuses invalid UTF-8 and UTF-16', () => {
    expect(readJson(Buffer.from('\ufeff{"a":1}'), 64)).toEqual({ a: 1 });
    expect(faultOf(Buffer.from([0x22, 0xc3, 0x28, 0x22])).message).toContain('UTF-8');
    expect(faultOf(Buffer.from('\ufeff{"a":"é"}', 'utf16le')).code).toBe('invalid_json');
  });

  it('takes 64 levels and refuses 65, without being fooled by brackets and quotes in strings', () => {
    expect(() => readJson(Buffer.from(nested(64)), 64)).not.toThrow();
    expect(faultOf(nested(65)).message).toContain('nested deeper than 64 levels at position 64');
    const text = JSON.stringify({ a: `${'['.repeat(100)}\\"${'{'.repeat(100)}` });
    const outline = new JsonOutline({ maxDepth: 1 });
    outline.read(text);
    expect(outline.tooDeepAt).toBeUndefined();
    expect(faultOf('['.repeat(5_000_000)).message).toContain('nested deeper');
  });

  it('says of a long body what it says of a short one', () => {
    const messages = Array.from({ length: 1_000 }, (_, index) => ({ role: 'user', content: `${index}. ${'word '.repeat(20)}` }));
    const text = JSON.stringify({ model: 'm', messages, last: 1 });
    const place = `position ${text.length} (line 1, column ${text.length + 1})`;
    expect(readJson(Buffer.from(text), 64)).toEqual({ model: 'm', messages, last: 1 });
    expect(readJson(Buffer.from(`\ufeff${text}`), 64)).toEqual({ model: 'm', messages, last: 1 });
    expect(faultOf(`${text}}`).message).toContain(`it has "}" where the end of the body should be at ${place}`);
    expect(faultOf(text.replace('"last"', `"deep":${nested(64)},"last"`)).message).toContain('nested deeper than 64 levels');
    expect(faultOf(Buffer.concat([Buffer.from(text), Buffer.from([0xff])])).message).toContain('UTF-8');
  });

  it('leaves "__proto__" a field like any other', () => {
    const value = readJson(Buffer.from('{"__proto__": {"polluted": true}}'), 64);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect('polluted' in Object.prototype).toBe(false);
  });
});

describe('firstJsonFault', () => {
  it('finds a mistake exactly where JSON.parse refuses the text', () => {
    const edited = fc
      .tuple(
        fc.json({ maxDepth: 3 }),
        fc.nat(),
        fc.constantFrom('', '"', '\\', '{', ']', ',', ':', '0', '-', 'e', '.', ' ', '\n', '\u0001', 'é'),
      )
      .map(([text, at, insert]) => {
        const index = at % (text.length + 1);
        return text.slice(0, index) + insert + text.slice(index + (at % 2));
      });
    fc.assert(
      fc.property(edited, (text) => {
        expect(firstJsonFault(text) === undefined).toBe(parseJson(text) !== undefined);
      }),
      { numRuns: 2000 },
    );
  });
});
