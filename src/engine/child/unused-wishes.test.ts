import { expect, test } from 'vitest';
import { tinyRequest } from '../../../tests/support/tiny-gguf/tiny-engine.ts';
import { unusedWishes } from './unused-wishes.ts';

test('each wish that the engine cannot fulfil is told with its path', () => {
  const notices = unusedWishes(
    tinyRequest('Hi', {
      turns: [
        { role: 'user', name: 'ann', parts: [{ kind: 'text', text: 'Hi', cacheMark: {} }] },
        { role: 'user', name: 'bob', parts: [] },
      ],
      tools: [
        { kind: 'function', name: 'f', strict: true },
        {
          kind: 'function',
          name: 'g',
          carry: { protocol: 'anthropic-messages', fields: { cache_control: { type: 'ephemeral' } } },
        },
      ],
      serverTools: { web_search: true, code_interpreter: false },
      vision: { highResolutionImages: true, maxPixels: 5000, framesPerSecond: 2, imagesAsVideo: true },
      audio: { format: 'wav', voice: 'alloy' },
      prediction: 'Hi',
      plainCitations: true,
      thinking: { kind: 'on', effort: 'low', preserve: true },
      carry: { protocol: 'openai-chat', fields: { user: 'u', metadata: {} } },
    }),
  );
  expect(notices.every(({ code, message }) => code === 'ignored' && message.length > 20)).toBe(true);
  expect(notices.map(({ path }) => path)).toEqual([
    'tool_web_search',
    'vl_high_resolution_images',
    'max_pixels',
    'video_fps',
    'treat_images_as_video',
    'audio',
    'prediction',
    'disable_formatting',
    'preserve_thinking',
    'reasoning_effort',
    'messages[0].name',
    'tools[1].cache_control',
    'tools[0].function.strict',
    'user',
    'metadata',
  ]);
});

test('a request that says nothing of the kind is told nothing', () => {
  expect(unusedWishes(tinyRequest('Hi', { serverTools: { web_search: false }, plainCitations: false }))).toEqual([]);
  expect(unusedWishes(tinyRequest('Hi', { thinking: { kind: 'on', effort: 'low', budgetTokens: 9 } }))).toEqual([]);
  expect(unusedWishes(tinyRequest('Hi', { thinking: { kind: 'unsaid', effort: 'none' } }))).toEqual([]);
});

test('a forced call is held to its schema, so strict is no empty wish there', () => {
  const tools = [{ kind: 'function', name: 'f', strict: true }] as const;
  expect(unusedWishes(tinyRequest('Hi', { tools, toolChoice: { kind: 'required' } }))).toEqual([]);
});
