import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';
import type { Part } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { openaiChat } from '../../protocols/openai-chat/openai-chat.ts';
import { requestOf } from '../attempt.test-support.ts';
import { quirksRows, type QuirksName } from '../quirks.ts';
import { applyQuirks } from './apply-quirks.ts';

interface Sent {
  readonly body: JsonObject;
  /** `code path` of each. */
  readonly notices: readonly string[];
}

function sent(name: QuirksName, more: Partial<GenerateRequest>): Sent {
  const request = requestOf('hi', more);
  const result = applyQuirks(openaiChat.client.writeRequest(request).body, request, quirksRows[name]);
  return { body: result.body, notices: result.notices.map(({ code, path }) => `${code} ${path}`) };
}

function asked(...parts: readonly Part[]): Partial<GenerateRequest> {
  return { turns: [{ role: 'user', parts }] };
}

/** The content of the first message, as parts. */
function contentOf({ body }: Sent): readonly Json[] {
  const messages: Json = JSON.parse(JSON.stringify(body['messages'] ?? []));
  const first = Array.isArray(messages) ? messages[0] : undefined;
  const content: unknown = isJsonObject(first) ? first['content'] : undefined;
  return Array.isArray(content) ? content : [];
}

const picture = (url: string): Part => ({ kind: 'media', medium: 'image', source: { kind: 'url', url } });
const marked = (text: string, lifetimeSeconds?: number): Part => ({
  kind: 'text',
  text,
  cacheMark: lifetimeSeconds === undefined ? {} : { lifetimeSeconds },
});

describe('cache marks', () => {
  it('reach a host that has them', () => {
    const { body, notices } = sent('dashscope', asked(marked('a'), { kind: 'text', text: 'b' }));
    expect(body['messages']).toMatchObject([
      {
        content: [
          { type: 'text', text: 'a', cache_control: { type: 'ephemeral' } },
          { type: 'text', text: 'b' },
        ],
      },
    ]);
    expect(notices).toEqual([]);
  });

  it('of more than four the last four are sent, with a notice', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 9 }), (isMarked) => {
        const parts = isMarked.map((yes, index): Part => (yes ? marked(`${index}`) : { kind: 'text', text: `${index}` }));
        const result = sent('dashscope', asked(...parts, { kind: 'text', text: 'end' }));
        const marks = contentOf(result).flatMap((part, index) => (isJsonObject(part) && 'cache_control' in part ? [index] : []));
        const wanted = isMarked.flatMap((yes, index) => (yes ? [index] : []));
        expect(marks).toEqual(wanted.slice(-4));
        expect(result.notices.length).toBe(wanted.length > 4 ? 1 : 0);
      }),
      { numRuns: 100 },
    );
  });

  it('keep a lifetime that the host can name, and lose another with a notice', () => {
    expect(contentOf(sent('openrouter', asked(marked('a', 3_600))))).toMatchObject([{ cache_control: { ttl: '1h' } }]);
    const { notices, ...rest } = sent('dashscope', asked(marked('a', 3_600)));
    expect(contentOf({ notices, ...rest })).toMatchObject([{ cache_control: { type: 'ephemeral' } }]);
    expect(JSON.stringify(rest.body)).not.toContain('ttl');
    expect(notices).toEqual(['clamped messages[0].content[0].cache_control.ttl']);
    expect(sent('dashscope', asked(marked('a', 300))).notices).toEqual([]);
  });

  it.each(['openai', 'empiriolabs', 'aimlapi', 'vllm', 'sglang', 'llama-server', 'ollama', 'generic'] as const)(
    'do not reach %s, which has none, and the caller is told once',
    (name) => {
      const { body, notices } = sent(name, asked(marked('a'), marked('b')));
      expect(JSON.stringify(body)).not.toContain('cache_control');
      expect(notices).toEqual(['dropped messages[0].content[0].cache_control']);
    },
  );

  it('reach another flashmux as they are', () => {
    const parts = Array.from({ length: 6 }, (_, index) => marked(`${index}`, 90));
    expect(contentOf(sent('flashmux', asked(...parts))).filter((part) => JSON.stringify(part).includes('"90s"'))).toHaveLength(6);
  });
});

describe('wishes about pictures and clips', () => {
  const clip: Part = { kind: 'media', medium: 'video', source: { kind: 'url', url: 'https://example.com/c.mp4' } };
  const vision = { maxPixels: 5_000, framesPerSecond: 1 } as const;

  it('stand at each of them where the host wants them there, and what one says of itself counts', () => {
    const own: Part = {
      kind: 'media',
      medium: 'image',
      source: { kind: 'url', url: 'https://example.com/b.png' },
      maxPixels: 9_000,
    };
    const result = sent('dashscope', { ...asked(picture('https://example.com/a.png'), own, clip), vision });
    expect(contentOf(result)).toEqual([
      { type: 'image_url', image_url: { url: 'https://example.com/a.png' }, max_pixels: 5_000 },
      { type: 'image_url', image_url: { url: 'https://example.com/b.png' }, max_pixels: 9_000 },
      { type: 'video_url', video_url: { url: 'https://example.com/c.mp4' }, max_pixels: 5_000, fps: 1 },
    ]);
    expect(result.body).not.toHaveProperty('max_pixels');
    expect(result.notices).toEqual([]);
  });

  it('stay where they are at a host that takes them for the whole request', () => {
    const result = sent('empiriolabs', {
      ...asked(picture('https://example.com/a.png')),
      vision: { ...vision, imagesAsVideo: true },
    });
    expect(result.body).toMatchObject({ max_pixels: 5_000, video_fps: 1, treat_images_as_video: true });
  });

  const pictures = (count: number): readonly Part[] =>
    Array.from({ length: count }, (_, index) => picture(`https://example.com/${index}.png`));

  it('make a clip of a list of pictures', () => {
    const text: Part = { kind: 'text', text: 'What happens?' };
    const result = sent('dashscope', { ...asked(text, ...pictures(4)), vision: { imagesAsVideo: true, framesPerSecond: 2 } });
    expect(contentOf(result)).toEqual([
      { type: 'text', text: 'What happens?' },
      { type: 'video', video: [0, 1, 2, 3].map((index) => `https://example.com/${index}.png`), fps: 2 },
    ]);
  });

  it('leave pictures alone that are too few for a clip, and say so', () => {
    const result = sent('dashscope', { ...asked(...pictures(3)), vision: { imagesAsVideo: true } });
    expect(contentOf(result)).toHaveLength(3);
    expect(result.notices).toEqual(['ignored messages[0].content']);
  });
});

describe('content that a host has no part for', () => {
  const sheet: Part = { kind: 'media', medium: 'document', source: { kind: 'url', url: 'https://example.com/a.pdf' } };

  it('is refused with its place: without it the answer would be to another question', () => {
    expect(() => sent('dashscope', asked({ kind: 'text', text: 'Sum up.' }, sheet))).toThrow(
      expect.objectContaining({ code: 'unsupported_media', param: 'messages[0].content[1]' }),
    );
    expect(() => sent('vercel', asked(sheet))).not.toThrow();
  });

  it('is dropped with a notice where it is no medium', () => {
    const block: Part = { kind: 'opaque', protocol: 'openai-chat', value: { type: 'x_block' } };
    expect(sent('sglang', asked({ kind: 'text', text: 'hi' }, block)).notices).toEqual(['dropped messages[0].content[1]']);
  });
});

describe('thoughts of earlier turns', () => {
  const turns = [
    { role: 'user', parts: [{ kind: 'text', text: 'hi' }] },
    {
      role: 'assistant',
      parts: [
        { kind: 'reasoning', text: 'A greeting.' },
        { kind: 'text', text: 'Hello.' },
      ],
    },
    { role: 'user', parts: [{ kind: 'text', text: 'bye' }] },
  ] as const;

  it.each([
    ['dashscope', 'reasoning_content'],
    ['sglang', 'reasoning_content'],
    ['vllm', 'reasoning'],
    ['openrouter', 'reasoning'],
    ['vercel', 'reasoning'],
  ] as const)('go back to %s as %s', (name, field) => {
    const { body, notices } = sent(name, { turns });
    expect(body['messages']).toMatchObject([{}, { content: 'Hello.', [field]: 'A greeting.' }, {}]);
    expect(JSON.stringify(body).match(/A greeting/g)).toHaveLength(1);
    expect(notices).toEqual([]);
  });

  it.each(['openai', 'aimlapi', 'empiriolabs'] as const)('are not sent to %s, which has no place for them', (name) => {
    const { body, notices } = sent(name, { turns });
    expect(JSON.stringify(body)).not.toContain('A greeting');
    expect(notices).toEqual(['dropped messages[1].reasoning_content']);
  });
});

describe('several answers', () => {
  const tools = [{ kind: 'function', name: 'f' }] as const;

  it.each([
    [{ answers: 9, thinking: { kind: 'off' } }, 4],
    [{ answers: 3, thinking: { kind: 'off' } }, 3],
    [{ answers: 3, thinking: { kind: 'on' } }, 1],
    [{ answers: 3, thinking: { kind: 'off' }, tools }, 1],
  ] as const)('%j are %i at Alibaba', (more, n) => {
    const { body, notices } = sent('dashscope', more);
    expect(body['n']).toBe(n);
    expect(notices).toEqual(n === more.answers ? [] : notices.filter((notice) => notice === 'clamped n'));
    expect(notices.length > 0).toBe(n !== more.answers);
  });
});

describe('sound', () => {
  const spoken = (format: string): Sent => sent('dashscope', { modalities: ['text', 'audio'], audio: { format, voice: 'Tina' } });

  it('is asked for in the one format that the host names, and the caller is told what comes', () => {
    expect(spoken('mp3').body['audio']).toEqual({ format: 'wav', voice: 'Tina' });
    expect(spoken('mp3').notices).toEqual(['clamped audio.format']);
    expect([...spoken('pcm16').notices, ...spoken('wav').notices]).toEqual([]);
  });

  it('comes in a stream, whatever the caller wants', () => {
    const { body } = sent('dashscope', {
      modalities: ['text', 'audio'],
      audio: { format: 'pcm16', voice: 'Tina' },
      delivery: { kind: 'whole', said: true },
    });
    expect(body).toMatchObject({ stream: true, stream_options: { include_usage: true }, modalities: ['text', 'audio'] });
  });

  it('keeps its format where the host has several', () => {
    const wish = { modalities: ['text', 'audio'], audio: { format: 'mp3', voice: 'alloy' } } as const;
    expect(sent('aimlapi', wish)).toMatchObject({ body: { audio: { format: 'mp3', voice: 'alloy' } }, notices: [] });
  });
});

describe('AI/ML API', () => {
  it('gets no content of null, a string as the result of a tool, and a schema for each tool', () => {
    const result = sent('aimlapi', {
      turns: [
        { role: 'user', parts: [{ kind: 'text', text: 'hi' }] },
        { role: 'assistant', parts: [{ kind: 'tool-call', callId: 'c', name: 'f', argumentsText: '{}', ranBy: 'caller' }] },
        {
          role: 'tool',
          parts: [
            {
              kind: 'tool-result',
              callId: 'c',
              parts: [
                { kind: 'text', text: '4' },
                { kind: 'text', text: '2' },
              ],
            },
          ],
        },
      ],
      tools: [{ kind: 'function', name: 'f' }],
    });
    expect(result.body['messages']).toEqual([
      { role: 'user', content: 'hi' },
      { role: 'assistant', tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }] },
      { role: 'tool', tool_call_id: 'c', content: '42' },
    ]);
    expect(result.body['tools']).toEqual([
      { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } },
    ]);
    expect(result.notices).toEqual([]);
  });
});

describe('a model of a host', () => {
  it('that takes less than others gets less, with a notice', () => {
    const wish = { limits: { answerTokens: 60_000 }, sampling: { stop: ['END'] } };
    const base = sent('empiriolabs', { ...wish, model: 'qwen3-5-flash' });
    expect(base.body).toMatchObject({ max_tokens: 32_768 });
    expect(base.body).not.toHaveProperty('stop');
    expect(base.notices).toEqual(['dropped stop', 'clamped max_tokens']);
    const variant = sent('empiriolabs', { ...wish, model: 'qwen3-5-flash:variant1' });
    expect(variant.body).toMatchObject({ max_tokens: 60_000, stop: ['END'] });
    expect(variant.notices).toEqual([]);
  });
});
