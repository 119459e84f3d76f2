import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FlashmuxError } from '../../model/fault.ts';
import { chatRequest } from '../../../tests/support/arbitraries/chat-wire.ts';
import { lawRuns } from '../../../tests/support/arbitraries/fuzz-runs.ts';
import { generateRequest } from '../../../tests/support/arbitraries/requests.ts';
import { openaiChat } from '../openai-chat/openai-chat.ts';
import { joinModel, splitModel } from './call-model.ts';
import { segmind } from './segmind.ts';

const { readRequest, writeFault } = segmind.server;
const { writeRequest } = segmind.client;

describe('the wire is that of chat completions with the model in the path', () => {
  test('a body reads as the same body of chat completions with the model in it', () => {
    fc.assert(
      fc.property(chatRequest, (request) => {
        const { model, body } = splitModel(request);
        expect(readRequest(joinModel(body, model))).toEqual(openaiChat.server.readRequest(request));
      }),
      { numRuns: lawRuns },
    );
  });

  test('read after write is what it is there', () => {
    fc.assert(
      fc.property(generateRequest('openai-chat'), (request) => {
        const { model, body } = splitModel(writeRequest(request).body);
        expect(readRequest(joinModel(body, model))).toEqual(
          openaiChat.server.readRequest(openaiChat.client.writeRequest(request).body),
        );
      }),
      { numRuns: lawRuns },
    );
  });

  test('a body that names another model than its path is refused', () => {
    expect(() => joinModel({ model: 'b', messages: [] }, 'a')).toThrow(expect.objectContaining({ param: 'model' }));
    expect(joinModel({ model: 'a' }, 'a')).toEqual({ model: 'a' });
    expect(joinModel('no object', 'a')).toBe('no object');
  });
});

describe('the image parameter', () => {
  const messages = [
    { role: 'user', content: 'look' },
    { role: 'assistant', content: 'where?' },
  ];

  test.each([
    ['an address', 'https://example.com/a.png', { kind: 'url', url: 'https://example.com/a.png' }],
    ['a data: URL', 'data:image/png;base64,AAAA', { kind: 'bytes', base64: 'AAAA', format: 'image/png' }],
    ['base64 text', 'AAAA', { kind: 'bytes', base64: 'AAAA' }],
  ])('%s belongs to what the user said last', (_, image, source) => {
    const { turns, carry } = readRequest({ model: 'm', messages, image });
    expect(turns[0]?.parts).toEqual([
      { kind: 'text', text: 'look' },
      { kind: 'media', medium: 'image', source },
    ]);
    expect(carry).toBeUndefined();
  });

  test('several keep their order, none is nothing, another form is refused', () => {
    const { turns } = readRequest({ model: 'm', messages, image: ['https://a/1', 'https://a/2'] });
    expect(turns[0]?.parts.slice(1)).toMatchObject([{ source: { url: 'https://a/1' } }, { source: { url: 'https://a/2' } }]);
    expect(readRequest({ model: 'm', messages, image: null }).turns[0]?.parts).toHaveLength(1);
    expect(() => readRequest({ model: 'm', messages, image: ['https://a/1', 5] })).toThrow(
      expect.objectContaining({ param: 'image[1]' }),
    );
    expect(() => readRequest({ model: 'm', messages: messages.slice(1), image: 'AAAA' })).toThrow(
      expect.objectContaining({ param: 'image' }),
    );
  });
});

test('an error has its message where programs written for Segmind read it', () => {
  const body = writeFault(new FlashmuxError('insufficient_credits', 'No credits are left.'), 'req_1');
  expect(body).toMatchObject({ message: 'No credits are left.', error: { code: 'insufficient_credits', request_id: 'req_1' } });
});
