import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tool } from '../../model/request.ts';
import { toolCallGrammar } from './tool-call-grammar.ts';
import { startGrammarEngine, type GrammarEngine } from './grammar-engine.test-support.ts';

let engine: GrammarEngine;

beforeAll(async () => {
  engine = await startGrammarEngine();
});

afterAll(async () => {
  await engine.dispose();
});

const acceptor = (grammar: string): Promise<(text: string) => boolean> => engine.acceptor(grammar);

const weather: Tool = {
  kind: 'function',
  name: 'get_weather',
  parameters: {
    type: 'object',
    properties: {
      city: { type: 'string' },
      days: { type: 'integer', minimum: 1, maximum: 7 },
      units: { enum: ['C', 'F'] },
      place: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
    },
    required: ['city'],
  },
};
const clock: Tool = { kind: 'function', name: 'clock' };

function call(name: string, values: readonly (readonly [string, string])[]): string {
  const parameters = values.map(([key, value]) => `<parameter=${key}>\n${value}\n</parameter>\n`);
  return `<tool_call>\n<function=${name}>\n${parameters.join('')}</function>\n</tool_call>`;
}

describe('toolCallGrammar', () => {
  it('takes a call with its required parameters, the optional ones in their order', async () => {
    const accepts = await acceptor(toolCallGrammar([weather, clock], { kind: 'required' }, false));
    expect(accepts(call('get_weather', [['city', 'Oslo']]))).toBe(true);
    expect(
      accepts(
        call('get_weather', [
          ['city', ''],
          ['days', '7'],
          ['units', 'C'],
          ['place', '{"name": "x"}'],
        ]),
      ),
    ).toBe(true);
    expect(accepts(call('clock', []))).toBe(true);
    expect(accepts(call('get_weather', []))).toBe(false);
    expect(
      accepts(
        call('get_weather', [
          ['days', '7'],
          ['city', 'Oslo'],
        ]),
      ),
    ).toBe(false);
    expect(
      accepts(
        call('get_weather', [
          ['city', 'Oslo'],
          ['days', '8'],
        ]),
      ),
    ).toBe(false);
    expect(
      accepts(
        call('get_weather', [
          ['city', 'Oslo'],
          ['units', 'K'],
        ]),
      ),
    ).toBe(false);
    expect(accepts(call('other', []))).toBe(false);
    expect(accepts(call('clock', [['zone', 'x']]))).toBe(false);
    expect(accepts(`Sure: ${call('clock', [])}`)).toBe(false);
  });

  it('takes any text for a string but the tags that would end it', async () => {
    const accepts = await acceptor(toolCallGrammar([weather], { kind: 'required' }, false));
    const taken = ['a\n\nb', '"quoted" é 😀', '<b></b></param', '</functio', '<</parameter', '</function>', 'a < b'];
    expect(taken.filter((text) => !accepts(call('get_weather', [['city', text]])))).toEqual([]);
    const refused = ['a</parameter>b', '<</parameter>', '</function>\n</tool_call>', '</</parameter>'];
    expect(refused.filter((text) => accepts(call('get_weather', [['city', text]])))).toEqual([]);
  });

  it('writes `<` inside of JSON values escaped', async () => {
    const accepts = await acceptor(toolCallGrammar([weather], { kind: 'required' }, false));
    expect(
      accepts(
        call('get_weather', [
          ['city', 'x'],
          ['place', '{"name": "\\u003c/parameter>"}'],
        ]),
      ),
    ).toBe(true);
    expect(
      accepts(
        call('get_weather', [
          ['city', 'x'],
          ['place', '{"name": "<"}'],
        ]),
      ),
    ).toBe(false);
  });

  it('writes `<` escaped in patterns, constants and names too', async () => {
    const tool: Tool = {
      kind: 'function',
      name: 'f',
      parameters: {
        properties: {
          a: { type: 'object', properties: { 'p<': { type: 'string', pattern: '^<[^>]$' }, c: { const: '</parameter>' } } },
        },
      },
    };
    const accepts = await acceptor(toolCallGrammar([tool], { kind: 'required' }, false));
    expect(accepts(call('f', [['a', '{"p\\u003c":"\\u003cb","c":"\\u003c/parameter>"}']]))).toBe(true);
    expect(accepts(call('f', [['a', '{"p\\u003c":"\\u003c<"}']]))).toBe(false);
    expect(accepts(call('f', [['a', '{"c":"</parameter>"}']]))).toBe(false);
  });

  it('takes the one function that was named', async () => {
    const accepts = await acceptor(toolCallGrammar([weather, clock], { kind: 'function', name: 'clock' }, false));
    expect(accepts(call('clock', []))).toBe(true);
    expect(accepts(call('get_weather', [['city', 'Oslo']]))).toBe(false);
  });

  it('takes several calls only where they may be parallel', async () => {
    const two = `${call('clock', [])}\n${call('clock', [])}`;
    expect((await acceptor(toolCallGrammar([clock], { kind: 'required' }, true)))(two)).toBe(true);
    expect((await acceptor(toolCallGrammar([clock], { kind: 'required' }, false)))(two)).toBe(false);
  });

  it('takes parameters of any name where a tool describes none and asks for them', async () => {
    const open: Tool = { kind: 'function', name: 'f', parameters: { type: 'object', additionalProperties: true } };
    expect((await acceptor(toolCallGrammar([open], { kind: 'required' }, false)))(call('f', [['any', 'x']]))).toBe(true);
  });

  it.each<[string, readonly Tool[], string, string]>([
    ['a name among no tools', [clock], 'invalid_request', 'tool_choice'],
    ['no tools', [], 'invalid_request', 'tool_choice'],
    [
      'a name that breaks the tag',
      [{ kind: 'function', name: 'wanted', parameters: { properties: { 'a>b': {} } } }],
      'invalid_schema',
      'tools[0].function.parameters.properties.a>b',
    ],
    [
      'a schema that cannot be compiled',
      [clock, { kind: 'function', name: 'wanted', parameters: { properties: { a: { type: 'list' } } } }],
      'invalid_schema',
      'tools[1].function.parameters.properties.a.type',
    ],
  ])('refuses %s', (_, tools, code, param) => {
    expect(() => toolCallGrammar(tools, { kind: 'function', name: 'wanted' }, false)).toThrow(
      expect.objectContaining({ code, param }),
    );
  });
});
