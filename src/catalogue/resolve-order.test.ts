import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GenerateRequest } from '../model/request.ts';
import { createCatalogue } from './create-catalogue.ts';
import { chatRequest, refusal, resolve, userTurn } from './request.test-support.ts';

const catalogue = createCatalogue();

const speech = (format: string): Partial<GenerateRequest> => ({
  modalities: ['text', 'audio'],
  audio: { format, voice: 'Cherry' },
});

describe('ranges', () => {
  const outside: readonly [string, string, Partial<GenerateRequest>][] = [
    ['temperature', 'a number from 0 to 2', { sampling: { temperature: 2.1 } }],
    ['temperature', 'a number from 0 to 2', { sampling: { temperature: -0.1 } }],
    ['top_p', 'a number from 0 to 1', { sampling: { topP: 1.01 } }],
    ['top_k', 'a whole number from 0', { sampling: { topK: 1.5 } }],
    ['min_p', 'a number from 0 to 1', { sampling: { minP: -1 } }],
    ['frequency_penalty', 'a number from -2 to 2', { sampling: { frequencyPenalty: 2.5 } }],
    ['presence_penalty', 'a number from -2 to 2', { sampling: { presencePenalty: -3 } }],
    ['repetition_penalty', 'a number above 0', { sampling: { repetitionPenalty: 0 } }],
    ['seed', 'a whole number from 0', { sampling: { seed: -1 } }],
    ['stop', 'at most 4 entries', { sampling: { stop: ['a', 'b', 'c', 'd', 'e'] } }],
    ['logit_bias.42', 'a number from -100 to 100', { sampling: { logitBias: { '7': 1, '42': 101 } } }],
    ['max_tokens', 'a whole number from 1 to 65536', { limits: { answerTokens: 65_537 } }],
    ['max_tokens', 'a whole number from 1 to 65536', { limits: { answerTokens: 0 } }],
    ['max_completion_tokens', 'a whole number from 1 to 147456', { limits: { completionTokens: 147_457 } }],
    ['n', 'a whole number from 1 to 4', { answers: 5 }],
    ['top_logprobs', 'a whole number from 0 to 20', { logprobs: { wanted: true, top: 21 } }],
    ['thinking_budget', 'a whole number from 1 to 81920', { thinking: { kind: 'on', budgetTokens: 81_921 } }],
    ['max_pixels', 'a whole number from 4096 to 16777216', { vision: { maxPixels: 4095 } }],
    ['video_fps', 'a number from 0.1 to 10', { vision: { framesPerSecond: 0.01 } }],
    ['tools', 'at most 128 entries', { tools: Array.from({ length: 129 }, (_, n) => ({ kind: 'function', name: `f${n}` })) }],
  ];

  test.each(outside)('%s outside its range is refused with the range: %s', (param, accepted, wishes) => {
    const refused = refusal('qwen3.5-flash', wishes);
    expect(refused).toMatchObject({ code: 'invalid_request', param });
    expect(refused.message).toContain(`qwen3.5-flash takes ${accepted}.`);
  });

  test('the ends of a range belong to it', () => {
    const { request } = resolve('qwen3.5-flash', {
      sampling: { temperature: 2, topP: 0, frequencyPenalty: -2, seed: 0, stop: ['a', 'b', 'c', 'd'] },
      limits: { answerTokens: 65_536 },
      thinking: { kind: 'on', budgetTokens: 81_920 },
    });
    expect(request.sampling.temperature).toBe(2);
    expect(request.limits.answerTokens).toBe(65_536);
  });

  test('a variant has ranges of its own', () => {
    const budget = { thinking: { kind: 'on', budgetTokens: 80_001 } } as const;
    expect(refusal('qwen3-5-flash:variant1', budget)).toMatchObject({ param: 'thinking_budget' });
    expect(resolve('qwen3.5-flash', budget).request.thinking).toMatchObject({ budgetTokens: 80_001 });
    const refused = refusal('qwen3-5-flash:variant1', { thinking: { kind: 'unsaid', effort: 'xhigh' } });
    expect(refused.message).toBe(
      'reasoning_effort is "xhigh"; qwen3.5-flash:variant1 takes one of none, low, medium, high, max.',
    );
  });

  test('a parameter that the page of a model does not name keeps the common range', () => {
    expect(refusal('qwen3-5-flash:variant1', { sampling: { minP: 2 } })).toMatchObject({ param: 'min_p' });
    expect(resolve('qwen3-5-flash:variant1', { sampling: { minP: 0.1 } }).request.sampling.minP).toBe(0.1);
  });

  test('speech comes in the formats of the page only', () => {
    expect(refusal('qwen3.5-omni-flash', speech('aiff'))).toMatchObject({ code: 'invalid_request', param: 'audio.format' });
    expect(resolve('qwen3.5-omni-flash', speech('pcm16')).request.audio?.voice).toBe('Cherry');
  });
});

describe('defaults', () => {
  test('of a page are filled in where the caller said nothing', () => {
    const { request } = resolve('qwen3.5-flash');
    expect(request.sampling).toEqual({ temperature: 0.7, topP: 0.9 });
    expect(request.limits).toEqual({ answerTokens: 4096 });
  });

  test('give way to what the caller said', () => {
    const { request } = resolve('qwen3.5-flash', { sampling: { temperature: 0 }, limits: { answerTokens: 9 } });
    expect(request.sampling).toEqual({ temperature: 0, topP: 0.9 });
    expect(request.limits).toEqual({ answerTokens: 9 });
  });

  test('a caller who limits thinking and answer together gets no second limit', () => {
    expect(resolve('qwen3.5-flash', { limits: { completionTokens: 20_000 } }).request.limits).toEqual({
      completionTokens: 20_000,
    });
  });

  test('that no page names are not invented', () => {
    const { request } = resolve('qwen-flash');
    expect(request.sampling).toEqual({});
    expect(request.limits).toEqual({});
  });

  test('are within the ranges of their own model, for every model and variant', () => {
    for (const model of catalogue.list()) {
      for (const id of [model.id, ...model.variants.map((variant) => variant.id)]) {
        const order = catalogue.resolve(chatRequest(id));
        expect(catalogue.resolve(order.request).request).toEqual(order.request);
      }
    }
  });
});

describe('what a model cannot do', () => {
  test.each([
    ['image', 'qwen-flash'],
    ['audio', 'qwen3.5-flash'],
    ['video', 'qwen3.5-2b'],
    ['document', 'qwen3.5-omni-flash'],
  ] as const)('%s is refused by %s with the path of the part', (medium, model) => {
    const picture = { kind: 'media', medium, source: { kind: 'url', url: 'https://example.org/a' } } as const;
    const turns = [userTurn({ kind: 'text', text: 'Hi' }), userTurn({ kind: 'text', text: 'Look' }, picture)];
    expect(refusal(model, { turns })).toMatchObject({ code: 'unsupported_media', param: 'messages[1].content[1]' });
  });

  test('a picture in a tool result is found too', () => {
    const picture = { kind: 'media', medium: 'image', source: { kind: 'url', url: 'https://example.org/a.png' } } as const;
    const result = { kind: 'tool-result', callId: 'c1', parts: [{ kind: 'text', text: 'here' }, picture] } as const;
    const turns = [{ role: 'tool', parts: [result] } as const];
    expect(refusal('qwen-flash', { turns })).toMatchObject({ code: 'unsupported_media', param: 'messages[0].content[1]' });
  });

  test('an earlier spoken answer is told with its message: it does not stand in the content', () => {
    const turns = [
      { role: 'assistant', parts: [{ kind: 'media', medium: 'audio', source: { kind: 'file', id: 'audio_1' } }] },
    ] as const;
    expect(refusal('qwen-flash', { turns })).toMatchObject({ code: 'unsupported_media', param: 'messages[0]' });
  });

  test('a rate beside one video has the range of the parameter', () => {
    const video = {
      kind: 'media',
      medium: 'video',
      source: { kind: 'url', url: 'https://example.org/v.mp4' },
      framesPerSecond: 11,
    };
    const turns = [userTurn({ ...video, kind: 'media', medium: 'video', source: { kind: 'url', url: video.source.url } })];
    expect(refusal('qwen3.5-flash', { turns })).toMatchObject({ code: 'invalid_request', param: 'messages[0].content[0].fps' });
  });

  test('speech is refused by a model that only writes', () => {
    const wishes: Partial<GenerateRequest> = { modalities: ['text', 'audio'], audio: { format: 'wav', voice: 'Tina' } };
    expect(refusal('qwen3.5-flash', wishes)).toMatchObject({ code: 'unsupported_value', param: 'modalities' });
    expect(resolve('qwen3.5-flash', { modalities: ['text'] }).request.modalities).toEqual(['text']);
  });

  test('speech needs a voice', () => {
    expect(refusal('qwen3.5-omni-flash', { modalities: ['audio'] })).toMatchObject({ code: 'invalid_request', param: 'audio' });
  });

  test('top_logprobs needs logprobs', () => {
    expect(refusal('qwen-flash', { logprobs: { wanted: false, top: 3 } })).toMatchObject({ param: 'top_logprobs' });
  });

  test('tools are refused by a model that calls none', () => {
    expect(refusal('tinyllama-1.1b-chat', { tools: [{ kind: 'function', name: 'f' }] })).toMatchObject({
      code: 'unsupported_value',
      param: 'tools',
    });
  });
});

describe('server-side tools', () => {
  test('that the model does not have are refused, not forgotten', () => {
    expect(refusal('qwen-flash', { serverTools: { web_search: true } })).toMatchObject({
      code: 'unsupported_value',
      param: 'tool_web_search',
    });
    expect(refusal('qwen3-5-flash:variant1', { serverTools: { code_interpreter: true } }).message).toContain(
      'It has tool_web_search.',
    );
  });

  test('switched off are no matter on any model', () => {
    expect(resolve('qwen-flash', { serverTools: { web_search: false } }).notices).toEqual([]);
  });

  test('without their companions stay off with a notice', () => {
    const order = resolve('qwen3.5-flash', {
      serverTools: { web_extractor: true, code_interpreter: true },
      thinking: { kind: 'off' },
    });
    expect(order.request.serverTools).toEqual({ web_extractor: false, code_interpreter: false });
    expect(order.notices.map(({ code, path }) => [code, path])).toEqual([
      ['ignored', 'tool_web_extractor'],
      ['ignored', 'tool_code_interpreter'],
    ]);
  });

  test('with their companions are passed on as they came', () => {
    const serverTools = { web_search: true, web_extractor: true, code_interpreter: true, image_search: true } as const;
    const order = resolve('qwen3.5-flash', { serverTools });
    expect(order.request.serverTools).toEqual(serverTools);
    expect(order.notices).toEqual([]);
  });

  test('are not switched on by a default of the page: each call costs', () => {
    expect(resolve('qwen3.5-flash').request.serverTools).toBeUndefined();
  });
});

test('everything else goes through untouched', () => {
  const untouched = fc.record(
    {
      parallelToolCalls: fc.boolean(),
      prediction: fc.string(),
      plainCitations: fc.boolean(),
      toolChoice: fc.constant({ kind: 'auto' } as const),
      delivery: fc.constant({ kind: 'stream', usage: true } as const),
      form: fc.constantFrom({ kind: 'json' } as const, { kind: 'schema', name: 'a', schema: {} } as const),
      carry: fc.constant({ protocol: 'openai-chat', fields: { metadata: { a: 1 } } } as const),
    },
    { requiredKeys: ['delivery', 'form'] },
  );
  fc.assert(
    fc.property(untouched, (wishes) => {
      expect(resolve('qwen3.5-flash', wishes).request).toMatchObject({ ...wishes, model: 'qwen3.5-flash' });
    }),
  );
});
