import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnswerEvent } from '../../model/event.ts';
import { fold } from '../../model/fold.ts';
import type { Part, TokenLogprob } from '../../model/part.ts';
import type { Tool } from '../../model/request.ts';
import { OutputParser } from './output-parser.ts';
import type { OutputParserOptions, OutputPiece, OutputTag } from './output-parser.ts';

const weather: Tool = {
  kind: 'function',
  name: 'get_weather',
  parameters: {
    type: 'object',
    properties: {
      city: { type: 'string' },
      days: { type: 'integer' },
      units: { type: ['string', 'null'] },
      either: { anyOf: [{ type: 'integer' }, { type: 'string' }] },
      hourly: { type: 'boolean' },
      place: { $ref: '#/$defs/place' },
    },
    $defs: { place: { type: 'object' } },
  },
};

interface Outcome {
  readonly parts: readonly Part[];
  readonly events: readonly AnswerEvent[];
  readonly parser: OutputParser;
}

function parse(pieces: readonly (string | OutputPiece)[], options: Partial<OutputParserOptions> = {}): Outcome {
  let calls = 0;
  const parser = new OutputParser({
    answer: 0,
    startsInThought: false,
    tools: [weather],
    parseTools: true,
    stop: [],
    newCallId: () => `call-${calls++}`,
    ...options,
  });
  const events = pieces.flatMap((piece) => parser.push(typeof piece === 'string' ? { text: piece } : piece));
  events.push(...parser.end());
  return { parts: fold(events).choices[0]?.parts ?? [], events, parser };
}

function letters(text: string): string[] {
  return text.split('');
}

function prose(value: string): Part {
  return { kind: 'text', text: value };
}

function reasoning(value: string): Part {
  return { kind: 'reasoning', text: value };
}

function call(name: string, argumentsText: string, number = 0): Part {
  return { kind: 'tool-call', callId: `call-${number}`, name, argumentsText, ranBy: 'caller' };
}

function xml(name: string, values: Record<string, string>): string {
  const parameters = Object.entries(values).map(([key, value]) => `<parameter=${key}>\n${value}\n</parameter>\n`);
  return `<tool_call>\n<function=${name}>\n${parameters.join('')}</function>\n</tool_call>`;
}

const oslo = xml('get_weather', { city: 'Oslo' });
const osloCall = call('get_weather', '{"city":"Oslo"}');

describe('thoughts', () => {
  it.each([
    ['that the prompt opened', 'hm\n</think>\n\nyes', true, [reasoning('hm'), prose('yes')]],
    ['that the model opens', '<think>\nhm\n\nhm\n</think>\n\nyes', false, [reasoning('hm\n\nhm'), prose('yes')]],
    ['opened twice', '<think>\nhm</think>yes', true, [reasoning('hm'), prose('yes')]],
    ['closed twice', 'hm</think>\n</think>\n\nyes', true, [reasoning('hm'), prose('yes')]],
    ['that hold nothing', '\n\n</think>\n\nyes', true, [prose('yes')]],
    ['that never end', 'hm and </thin', true, [reasoning('hm and </thin')]],
    ['that speak of tags', 'a <think> b <tool_call> c</think>d', true, [reasoning('a <think> b <tool_call> c'), prose('d')]],
    ['named in the middle of an answer', 'a <think> b </think> c', false, [prose('a <think> b </think> c')]],
  ])('%s', (_, output, startsInThought, parts) => {
    expect(parse([output], { startsInThought }).parts).toEqual(parts);
    expect(parse(letters(output), { startsInThought }).parts).toEqual(parts);
  });

  it('end in answer-place as soon as the tag is there', () => {
    const parser = parse([], { startsInThought: true }).parser;
    expect(parser.place).toBe('thought');
    parser.push({ text: 'hm' });
    expect(parser.place).toBe('thought');
    parser.push({ text: '</think>', tag: 'think-close' });
    expect(parser.place).toBe('answer');
    parser.push({ text: '<tool_call>', tag: 'tool-call-open' });
    expect(parser.place).toBe('tool-call');
    parser.push({ text: oslo.slice('<tool_call>'.length) });
    expect(parser.place).toBe('answer');
  });
});

describe('tool calls', () => {
  it.each([
    ['alone', oslo, [osloCall]],
    ['after a thought and prose', `<think>x</think>\n\nLooking.\n\n${oslo}`, [reasoning('x'), prose('Looking.'), osloCall]],
    [
      'one after the other, with prose behind',
      `${oslo}\n${oslo}\nDone.`,
      [osloCall, call('get_weather', '{"city":"Oslo"}', 1), prose('Done.')],
    ],
    [
      'two in one block',
      `<tool_call>\n<function=a>\n</function>\n<function=b>\n</function>\n</tool_call>`,
      [call('a', '{}'), call('b', '{}', 1)],
    ],
    [
      'with text of several lines and quotes',
      xml('f', { a: ' "x"\n\n</param \\ <b>\n' }),
      [call('f', JSON.stringify({ a: ' "x"\n\n</param \\ <b>\n' }))],
    ],
    ['with a character of two halves', xml('f', { a: '😀' }), [call('f', '{"a":"😀"}')]],
    ['with a text that is empty', xml('f', { a: '' }), [call('f', '{"a":""}')]],
    [
      'with the last value left open',
      `<tool_call>\n<function=f>\n<parameter=a>\nx\n</function>\n</tool_call>`,
      [call('f', '{"a":"x"}')],
    ],
    [
      'with the function left open',
      `<tool_call>\n<function=f>\n<parameter=a>\nx\n</parameter>\n</tool_call>.`,
      [call('f', '{"a":"x"}'), prose('.')],
    ],
    ['in the older form', `<tool_call>\n{"name": "f", "arguments": {"a": [1]}}\n</tool_call>`, [call('f', '{"a":[1]}')]],
    [
      'in the older form, arguments in a string',
      `<tool_call>{"name": "f", "arguments": "{\\"a\\": 1}"}</tool_call>`,
      [call('f', '{"a": 1}')],
    ],
    ['in the older form, without arguments and end', `<tool_call>{"name": "f"}`, [call('f', '{}')]],
  ])('%s', (_, output, parts) => {
    expect(parse([output]).parts).toEqual(parts);
    expect(parse(letters(output)).parts).toEqual(parts);
  });

  it.each([
    ['a number', 'days', '3', '3'],
    ['a number that is none', 'days', 'three', '"three"'],
    ['a boolean', 'hourly', 'true', 'true'],
    ["Python's boolean", 'hourly', 'True', 'true'],
    ['an object by reference', 'place', '{"lat": 1}', '{"lat": 1}'],
    ['a string that looks like a number', 'city', '5', '"5"'],
    ['null where null may be', 'units', 'null', 'null'],
    ['a word where null may be', 'units', 'metric', '"metric"'],
    ['a number where either may be', 'either', '5', '5'],
    ['a quoted word where either may be', 'either', '"5"', '"\\"5\\""'],
    ['a parameter that the schema does not know', 'unknown', '5', '"5"'],
  ])('%s is read by the schema', (_, name, written, json) => {
    expect(parse([xml('get_weather', { [name]: written })]).parts).toEqual([call('get_weather', `{"${name}":${json}}`)]);
  });

  it.each([
    ['prose in place of a function', 'See <tool_call> and </tool_call>.'],
    ['a function without a name', '<tool_call>\n<function=>\n</function>\n</tool_call>'],
    ['a name with a line break', 'x\n\n<tool_call><function=a\nb></function></tool_call>'],
    ['JSON that is broken', 'x\n\n<tool_call>\n{"name": "f", }\n</tool_call>'],
    ['JSON that is no call', '<tool_call>\n{"arguments": {}}\n</tool_call>\ny'],
    ['arguments that are no object', '<tool_call>\n{"name": "f", "arguments": [1]}\n</tool_call>'],
    ['a cut before the name', 'x <tool_call>\n<function=ab'],
    ['a cut in JSON', 'x <tool_call>\n{"name": "f", "arg'],
  ])('%s stays text, exactly as written', (_, output) => {
    for (const pieces of [[output], letters(output)]) {
      const { parts, parser } = parse(pieces);
      expect(parts).toEqual([prose(output)]);
      expect(parser.toolCalls).toBe(0);
    }
  });

  it('a call that breaks or is cut keeps its arguments open and does not count', () => {
    const junk = parse(letters('<tool_call>\n<function=f>\n<parameter=a>\n1\n</parameter>\njunk</function>\n</tool_call>'));
    expect(junk.parts).toEqual([call('f', '{"a":"1"'), prose('junk</function>\n</tool_call>')]);
    expect(junk.parser.toolCalls).toBe(0);
    const cut = parse(letters('<tool_call>\n<function=f>\n<parameter=a>\nhal'));
    expect(cut.parts).toEqual([call('f', '{"a":"hal')]);
    expect(cut.parser.toolCalls).toBe(0);
  });

  it('arguments stream while a string is being written', () => {
    const { events } = parse([
      '<tool_call>\n<function=f>\n<parameter=a>\n',
      'one ',
      'two ',
      '\n</parameter>\n</function>\n</tool_call>',
    ]);
    const deltas = events.flatMap((event) =>
      event.kind === 'part-delta' && event.delta.kind === 'arguments' ? [event.delta.text] : [],
    );
    expect(deltas).toEqual(['{"a":"', 'one ', 'two ', '"}']);
  });

  it('are text where tools are not parsed', () => {
    expect(parse([oslo], { parseTools: false }).parts).toEqual([prose(oslo)]);
  });
});

describe('stop sequences', () => {
  it.each([
    ['one cut anywhere', 'Hello wor', ['wor'], 'Hello ', 'wor'],
    ['the one complete first', 'a b c', ['b c', 'b'], 'a ', 'b'],
    ['the longer of two that end together', 'xab', ['b', 'ab'], 'x', 'ab'],
    ['one at the very start', 'END more', ['END'], undefined, 'END'],
    ['none that only begins', 'Hello wo', ['world'], 'Hello wo', undefined],
    ['one that repeats its beginning', 'aaab', ['aab'], 'a', 'aab'],
  ])('%s', (_, output, stop, expected, stoppedBy) => {
    for (const pieces of [[output], letters(output)]) {
      const { parts, parser } = parse(pieces, { stop });
      expect(parts).toEqual(expected === undefined ? [] : [prose(expected)]);
      expect(parser.stoppedBy).toBe(stoppedBy);
    }
  });

  it('do not act on thoughts, on the lines after them, or on calls', () => {
    const output = `a\n\nb</think>\n\nc ${oslo}`;
    const { parts, parser } = parse(letters(output), { startsInThought: true, stop: ['\n\n', 'Oslo', 'a'] });
    expect(parts).toEqual([reasoning('a\n\nb'), prose('c'), osloCall]);
    expect(parser.stoppedBy).toBeUndefined();
  });

  it('drop everything after them', () => {
    const { parts, parser } = parse(['one STOP two', ' three', oslo], { stop: ['STOP'] });
    expect(parts).toEqual([prose('one ')]);
    expect(parser.toolCalls).toBe(0);
  });
});

describe('log probabilities', () => {
  function token(written: string): OutputPiece & { readonly logprob: TokenLogprob } {
    return { text: written, logprob: { token: written, logprob: -1, bytes: null, top: [] } };
  }

  it('ride on the delta that carries the first character of their token, held back or not', () => {
    const tokens = ['Hel', 'lo', ' ', 'ST', 'AY', ' STOP'].map(token);
    const { parts, events } = parse(tokens, { stop: ['STOP'] });
    expect(parts).toEqual([{ kind: 'text', text: 'Hello STAY ', logprobs: tokens.map(({ logprob }) => logprob) }]);
    const first = events.find((event) => event.kind === 'part-delta');
    expect(first).toMatchObject({ delta: { text: 'Hel', logprobs: [tokens[0]?.logprob] } });
  });

  it('of tokens in thoughts, tags, calls and dropped text are left out', () => {
    const tokens = ['hm', '</think>', '\n\n', 'yes', '\n', ...letters(oslo)].map(token);
    const { parts } = parse(tokens, { startsInThought: true });
    expect(parts[1]).toEqual({ kind: 'text', text: 'yes', logprobs: [tokens[3]?.logprob] });
  });

  it('of a token without text of its own wait for the character it belongs to', () => {
    const { parts, events } = parse([token('a'), token(''), token('é')], {});
    expect(parts).toMatchObject([{ text: 'aé', logprobs: [{ token: 'a' }, { token: '' }, { token: 'é' }] }]);
    expect(events[1]).toMatchObject({ delta: { text: 'a', logprobs: [{ token: 'a' }] } });
  });
});

const tags: Readonly<Record<string, OutputTag>> = {
  '<think>': 'think-open',
  '</think>': 'think-close',
  '<tool_call>': 'tool-call-open',
  '</tool_call>': 'tool-call-close',
  '<tool_response>': 'tool-response-open',
  '</tool_response>': 'tool-response-close',
};
const scraps = [
  ...Object.keys(tags),
  '<function=f>',
  '<function=get_weather>',
  '</function>',
  '<parameter=a>',
  '<parameter=days>',
  '</parameter>',
  '{"name": "f", ',
  '"arguments": {}}',
  'text',
  'STOP',
  'ST',
  '\n',
  ' ',
  '<',
  '</',
  '3',
  '"',
  '\\',
  '😀',
  oslo,
  '{"name": "f"}',
];
const anything = fc.array(fc.oneof(fc.constantFrom(...scraps), fc.string({ maxLength: 3 })), { maxLength: 14 });
const cuts = fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 30 });
const anyOptions = fc.record({
  startsInThought: fc.boolean(),
  parseTools: fc.boolean(),
  stop: fc.subarray(['STOP', '\n', 'xt', '<', ' ']),
});

function cutAt(whole: string, places: readonly number[]): string[] {
  const sorted = [0, ...places.filter((place) => place < whole.length).toSorted((one, other) => one - other), whole.length];
  return sorted.slice(1).map((place, index) => whole.slice(sorted[index], place));
}

describe('laws', () => {
  it('the parts do not depend on where the text is cut, nor on tags coming as tokens', () => {
    fc.assert(
      fc.property(anything, cuts, anyOptions, (pieces, places, options) => {
        const whole = parse([pieces.join('')], options);
        const cut = parse(cutAt(pieces.join(''), places), options);
        const tagged = parse(
          pieces.map((piece) => ({ text: piece, ...(tags[piece] === undefined ? {} : { tag: tags[piece] }) })),
          options,
        );
        for (const other of [cut, tagged, parse(letters(pieces.join('')), options)]) {
          expect(other.parts).toEqual(whole.parts);
          expect(other.parser.stoppedBy).toBe(whole.parser.stoppedBy);
          expect(other.parser.toolCalls).toBe(whole.parser.toolCalls);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('parts start in rising order, end once, and are never empty', () => {
    fc.assert(
      fc.property(anything, cuts, anyOptions, (pieces, places, options) => {
        const { events, parts } = parse(cutAt(pieces.join(''), places), options);
        const open: number[] = [];
        let next = 0;
        for (const event of events) {
          if (event.kind === 'part-start') {
            expect(open).toEqual([]);
            expect(event.index).toBe(next++);
            open.push(event.index);
          } else if (event.kind === 'part-delta') {
            expect(open).toEqual([event.index]);
            if (event.delta.kind !== 'citation' && event.delta.kind !== 'seal' && event.delta.kind !== 'media') {
              expect(event.delta.text).not.toBe('');
            }
          } else if (event.kind === 'part-end') {
            expect(open.pop()).toBe(event.index);
          }
        }
        expect(open).toEqual([]);
        for (const part of parts) if (part.kind === 'text' || part.kind === 'reasoning') expect(part.text.trim()).not.toBe('');
      }),
    );
  });

  it('without tags nothing visible is lost: the answer is the output', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (pieces) => {
        fc.pre(!/<\/?think>|<tool_call>/.test(pieces.join('')) && pieces.join('').trim() !== '');
        expect(parse(pieces).parts).toEqual([prose(pieces.join(''))]);
      }),
    );
  });

  it('thought, prose and well-formed calls come back as they went in, with arguments that are JSON', () => {
    const word = fc.string({ minLength: 1, maxLength: 12 }).filter((one) => one.trim() === one && !/[<>\n]/.test(one));
    const words = fc
      .string({ unit: 'grapheme', maxLength: 30 })
      .map((one) => one.trim())
      .filter((one) => !one.includes('<'));
    const value = fc
      .string({ unit: 'binary', maxLength: 30 })
      .filter((one) => !/<\/parameter>|<\/function>\n<\/tool_call>/.test(one));
    const calls = fc.array(fc.tuple(word, fc.dictionary(word, value, { maxKeys: 3 })), { maxLength: 3 });
    fc.assert(
      fc.property(words, words, calls, cuts, (thinking, said, made, places) => {
        const output = `${thinking}\n</think>\n\n${said}\n\n${made.map(([name, values]) => xml(name, values)).join('\n')}`;
        const { parts } = parse(cutAt(output, places), { startsInThought: true, tools: [] });
        const expected = [
          ...(thinking === '' ? [] : [reasoning(thinking)]),
          ...(said === '' ? [] : [made.length === 0 ? prose(`${said}\n\n`) : prose(said)]),
        ];
        expect(parts.slice(0, expected.length)).toEqual(expected);
        const read = parts
          .slice(expected.length)
          .map((part) => (part.kind === 'tool-call' ? [part.name, JSON.parse(part.argumentsText)] : part));
        expect(read).toEqual(made);
      }),
      { numRuns: 300 },
    );
  });
});
