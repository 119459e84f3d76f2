import { Template } from '@huggingface/jinja';
import { describe, expect, it } from 'vitest';
import type { Part } from '../../model/part.ts';
import type { Tool } from '../../model/request.ts';
import { PromptTemplate } from './prompt-template.ts';
import { call, qwen, qwenSource, render, request, result, textOf, thought, turn, zephyr } from './prompts.test-support.ts';

const weather: Tool = {
  kind: 'function',
  name: 'get_weather',
  description: 'Wetter für "Orte"',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

describe('rendering', () => {
  it('writes the Qwen3.5 template as the template engine would', () => {
    const { pieces, startsInThought } = render(
      qwen,
      [
        turn('system', ' Be brief. '),
        turn('user', 'Weather in "Århus"?'),
        turn(
          'assistant',
          thought('Call it.'),
          'Looking.',
          call('get_weather', '{"city":"Århus","days":[1,{"a":null}],"x":null}'),
        ),
        turn('tool', result('3 °C')),
      ],
      { tools: [weather] },
    );
    const plain = new Template(qwenSource).render({
      messages: [
        { role: 'system', content: ' Be brief. ' },
        { role: 'user', content: 'Weather in "Århus"?' },
        {
          role: 'assistant',
          content: 'Looking.',
          reasoning_content: 'Call it.',
          tool_calls: [
            {
              type: 'function',
              function: { name: 'get_weather', arguments: { city: 'Århus', days: [1, { a: null }], x: 'null' } },
            },
          ],
        },
        { role: 'tool', content: '3 °C' },
      ],
      tools: [
        {
          type: 'function',
          function: { name: weather.name, description: weather.description, parameters: weather.parameters },
        },
      ],
      add_generation_prompt: true,
      enable_thinking: true,
    });
    expect(textOf(pieces)).toBe(plain);
    expect(plain).toContain('{"type": "function", "function": {"name": "get_weather", "description": "Wetter für \\"Orte\\"", ');
    expect(startsInThought).toBe(true);
  });

  it('keeps all control tokens of the template where they count', () => {
    const { pieces } = render(qwen, [turn('system', 'S'), turn('user', 'A'), turn('assistant', 'B'), turn('user', 'C')]);
    expect(pieces.filter((piece) => !piece.special).map((piece) => piece.text)).toEqual(['S', 'A', 'B', 'C']);
  });

  it('joins the JSON of a tool into one piece, so that it is tokenized as one text', () => {
    const { pieces } = render(qwen, [turn('user', 'A')], { tools: [weather] });
    const [tool] = pieces.filter((piece) => !piece.special);
    expect(tool?.text).toMatch(/^get_weather", "description": "Wetter .*"required": \["city$/);
  });

  it('starts outside of a thought when thinking is off', () => {
    const { pieces, startsInThought } = render(qwen, [turn('user', 'hi')], {}, false);
    expect(textOf(pieces)).toBe('<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n');
    expect(startsInThought).toBe(false);
  });

  it('closes the thought of a template that opens one whatever it is told', () => {
    const stubborn = new PromptTemplate(
      "{{ messages[0].content }}{% if add_generation_prompt %}{{ '<A><think>\\n' }}{% endif %}",
      {},
    );
    expect(render(stubborn, [turn('user', 'hi')], {}, true).startsInThought).toBe(true);
    const off = render(stubborn, [turn('user', 'hi')], {}, false);
    expect(textOf(off.pieces)).toBe('hi<A><think>\n\n</think>\n\n');
    expect(off.startsInThought).toBe(false);
  });

  it('puts developer and later system messages into the first system message and says so', () => {
    const { pieces, notices } = render(qwen, [
      turn('developer', 'A'),
      turn('system', 'B'),
      turn('user', 'hi'),
      turn('system', 'C'),
    ]);
    expect(textOf(pieces)).toContain('<|im_start|>system\nA\n\nB\n\nC<|im_end|>\n<|im_start|>user\nhi<|im_end|>\n');
    expect(notices).toMatchObject([{ code: 'moved', path: 'messages[3]' }]);
  });

  it('keeps arguments that are no JSON object whole, under one parameter', () => {
    const turns = [turn('user', 'q'), turn('assistant', call('f', '{"broken": ')), turn('tool', result('r'))];
    expect(textOf(render(qwen, turns).pieces)).toContain(
      '<function=f>\n<parameter=arguments>\n{"broken": \n</parameter>\n</function>',
    );
    const deep = `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
    const tooDeep = [turn('user', 'q'), turn('assistant', call('f', deep)), turn('tool', result('r'))];
    expect(textOf(render(qwen, tooDeep).pieces)).toContain(`<parameter=arguments>\n${deep}\n</parameter>`);
    const noArguments = [turn('user', 'q'), turn('assistant', call('f', '')), turn('tool', result('r'))];
    expect(textOf(render(qwen, noArguments).pieces)).toContain('<tool_call>\n<function=f>\n</function>\n</tool_call>');
  });

  it('tells the model of a failed tool, and finds results among the parts of a user turn', () => {
    const failed: Part = { kind: 'tool-result', callId: 'c1', parts: [{ kind: 'text', text: 'no route' }], outcome: 'error' };
    const turns = [turn('user', 'q'), turn('assistant', call('f', '{}')), turn('user', failed, 'and then?')];
    expect(textOf(render(qwen, turns).pieces)).toContain(
      '<tool_response>\nError: no route\n</tool_response><|im_end|>\n<|im_start|>user\nand then?',
    );
  });

  it('splits a thought off an answer that came back whole', () => {
    const turns = [turn('user', 'q'), turn('assistant', '<think>\nhm\n</think>\n\nyes'), turn('user', 'r')];
    expect(textOf(render(qwen, turns).pieces)).toContain('<|im_start|>assistant\nyes<|im_end|>');
  });

  it('leaves the tools out when none may be called', () => {
    const { pieces } = render(qwen, [turn('user', 'q')], { tools: [weather], toolChoice: { kind: 'none' } });
    expect(textOf(pieces)).not.toContain('get_weather');
  });

  it('gives a system message to a model without one at the head of the first question', () => {
    const gemma = new PromptTemplate(
      "{{ bos_token }}{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{{ '<start_of_turn>' + m.role + '\\n' + m.content | trim + '<end_of_turn>\\n' }}{% endfor %}",
      { bosToken: '<bos>' },
    );
    const { pieces } = render(gemma, [turn('system', 'S'), turn('user', 'U')]);
    expect(textOf(pieces)).toBe('<bos><start_of_turn>user\nS\n\nU<end_of_turn>\n');
  });

  it('never changes the request', () => {
    const frozen = deepFrozen(
      request([turn('user', 'q'), turn('assistant', call('f', '{"a":1}')), turn('tool', result('r'))], { tools: [weather] }),
    );
    expect(() => qwen.render(frozen, { thinking: true })).not.toThrow();
    expect(() => zephyr.render(frozen, { thinking: true })).not.toThrow();
  });
});

describe('a template without tools and thoughts', () => {
  it('knows what it supports', () => {
    expect(qwen.supports).toEqual({ thinking: true, tools: true });
    expect(zephyr.supports).toEqual({ thinking: false, tools: false });
  });

  it('is taught the tools in a system message, and sees calls and results as text', () => {
    const turns = [
      turn('system', 'Be brief.'),
      turn('user', 'q'),
      turn('assistant', 'Looking.', call('get_weather', '{"city":"Oslo","days":2}')),
      turn('tool', result('cold')),
      turn('tool', result('dark', 'c2')),
    ];
    const text = textOf(render(zephyr, turns, { tools: [weather] }).pieces);
    expect(text).toMatch(/^<\|system\|>\n# Tools\n/);
    expect(text).toContain('<tools>\n{"type": "function", "function": {"name": "get_weather"');
    expect(text).toContain('</IMPORTANT>\n\nBe brief.</s>\n<|user|>\nq</s>');
    expect(text).toContain(
      '<|assistant|>\nLooking.\n\n<tool_call>\n<function=get_weather>\n<parameter=city>\nOslo\n</parameter>\n<parameter=days>\n2\n</parameter>\n</function>\n</tool_call></s>',
    );
    expect(text).toContain(
      '<|user|>\n<tool_response>\ncold\n</tool_response>\n<tool_response>\ndark\n</tool_response></s>\n<|assistant|>',
    );
  });

  it('ignores thinking, and says so only to those who asked for it', () => {
    expect(render(zephyr, [turn('user', 'q')], { thinking: { kind: 'on' } }).notices).toMatchObject([
      { code: 'ignored', path: 'enable_thinking' },
    ]);
    expect(render(zephyr, [turn('user', 'q')]).notices).toEqual([]);
  });
});

describe('refusals', () => {
  const image: Part = { kind: 'media', medium: 'image', source: { kind: 'url', url: 'http://a/b.png' } };

  it.each([
    ['an image of the user', [turn('user', 'look', image)], 'unsupported_media', 'messages[0].content[1]'],
    ['an image of the system', [turn('system', image), turn('user', 'q')], 'unsupported_media', 'messages[0].content[0]'],
    [
      'an image in a tool result',
      [
        turn('user', 'q'),
        turn('assistant', call('f', '{}')),
        turn('tool', { kind: 'tool-result', callId: 'c1', parts: [image] }),
      ],
      'unsupported_media',
      'messages[2].content[0]',
    ],
    ['a conversation without a question', [turn('system', 'S'), turn('assistant', 'A')], 'invalid_request', 'messages'],
    ['no turns at all', [], 'invalid_request', 'messages'],
    [
      'a block of another protocol',
      [turn('user', { kind: 'opaque', protocol: 'anthropic-messages', value: {} })],
      'unsupported_value',
      'messages[0].content[0]',
    ],
  ])('%s gets a 400 with its path', (_, turns, code, param) => {
    expect(() => render(qwen, turns)).toThrow(expect.objectContaining({ code, param }));
  });

  it('what the template itself refuses comes out as its words, without a stack or a marker', () => {
    const strict = new PromptTemplate("{{ raise_exception('Roles must alternate: ' + messages[0].content) }}", {});
    expect(() => render(strict, [turn('user', 'secret')])).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        param: 'messages',
        message: "The model's chat template refuses this conversation: Roles must alternate: ...",
      }),
    );
  });

  it('a template that cuts contents apart is refused rather than trusted', () => {
    const cutting = new PromptTemplate('{{ messages[0].content[1:] }}', {});
    expect(() => render(cutting, [turn('user', 'hello')])).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });
});

it('a checkpoint stands after the system block and after each question, and nowhere in the generation prompt', () => {
  const { pieces } = render(qwen, [turn('system', 'S'), turn('user', 'A'), turn('assistant', 'B'), turn('user', 'C')], {
    tools: [weather],
  });
  let text = '';
  const marks: string[] = [];
  for (const piece of pieces) {
    text += piece.text;
    if (piece.checkpoint) marks.push(text.slice(-20));
  }
  expect(marks).toEqual(
    ['T>\n\nS<|im_end|>\n', 'user\nA<|im_end|>\n', 'user\nC<|im_end|>\n'].map((end) =>
      expect.stringMatching(new RegExp(`${end.replaceAll('|', '\\|')}$`)),
    ),
  );
  expect(pieces.at(-1)).toEqual({ text: '<|im_start|>assistant\n<think>\n', special: true, checkpoint: false });
});

function deepFrozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) for (const item of Object.values(Object.freeze(value))) deepFrozen(item);
  return value;
}
