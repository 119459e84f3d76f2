import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../model/json.ts';
import { readRequest } from './read-request.ts';
import { readResponseOptions, responseEcho, withoutStoredOptions } from './response-options.ts';
import { writeAnswer } from './write-answer.ts';

const body: JsonObject = {
  model: 'm',
  input: [{ role: 'user', content: 'hi' }, { type: 'item_reference', id: 'rs_1' }, { id: 'msg_1' }],
  instructions: 'be brief',
  store: true,
  previous_response_id: 'resp_1',
  conversation: null,
  background: false,
  metadata: { k: 'v' },
  include: ['reasoning.encrypted_content'],
  truncation: 'auto',
  user: 'u',
};
const empty = { choices: [], notices: [], carried: [] };
const envelope = { id: 'resp_2', requestId: 'req_1', createdAt: 1, model: 'm', creditsPerUsd: 1n };

describe('the options of the API around the codec', () => {
  test('are read with their types, and references with their places', () => {
    expect(readResponseOptions(body)).toEqual({
      store: true,
      previousResponseId: 'resp_1',
      background: false,
      metadata: { k: 'v' },
      include: ['reasoning.encrypted_content'],
      truncation: 'auto',
      instructions: 'be brief',
      references: [
        { index: 1, id: 'rs_1' },
        { index: 2, id: 'msg_1' },
      ],
    });
  });

  test('stay away where nothing was said', () => {
    expect(readResponseOptions({ model: 'm', input: 'hi' })).toEqual({ references: [] });
  });

  test('may name a conversation by its id or as an object', () => {
    expect(readResponseOptions({ model: 'm', conversation: 'conv_1' }).conversationId).toBe('conv_1');
    expect(readResponseOptions({ model: 'm', conversation: { id: 'conv_1' } }).conversationId).toBe('conv_1');
  });

  test('do not reach the model once they are taken out', () => {
    const { carry } = readRequest(withoutStoredOptions({ ...body, previous_response_id: null }));
    expect(Object.keys(carry?.fields ?? {}).toSorted()).toEqual(['include', 'truncation', 'user']);
  });

  test('are repeated by the response', () => {
    const echo = responseEcho(readResponseOptions(body));
    expect(writeAnswer(empty, envelope, readRequest({ model: 'm', input: 'hi', temperature: 0.5 }), echo)).toMatchObject({
      id: 'resp_2',
      temperature: 0.5,
      store: true,
      previous_response_id: 'resp_1',
      background: false,
      metadata: { k: 'v' },
      instructions: 'be brief',
      truncation: 'auto',
    });
    const named = responseEcho(readResponseOptions({ model: 'm', conversation: 'conv_1' }));
    expect(writeAnswer(empty, envelope, undefined, named)).toMatchObject({ conversation: { id: 'conv_1' }, metadata: {} });
  });
});

describe('bad options are refused with their path', () => {
  test.each<[string, JsonObject]>([
    ['store', { store: 1 }],
    ['previous_response_id', { previous_response_id: 3 }],
    ['previous_response_id', { previous_response_id: 'resp_1', conversation: 'conv_1' }],
    ['conversation', { conversation: 3 }],
    ['conversation.id', { conversation: {} }],
    ['background', { background: 'yes' }],
    ['metadata', { metadata: [] }],
    ['metadata', { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, 'v'])) }],
    ['metadata.k', { metadata: { k: 1 } }],
    ['metadata.k', { metadata: { k: 'v'.repeat(513) } }],
    [`metadata.${'k'.repeat(64)}`, { metadata: { ['k'.repeat(65)]: 'v' } }],
    ['include[0]', { include: [3] }],
    ['truncation', { truncation: 'maybe' }],
    ['input[0].id', { input: [{ type: 'item_reference' }] }],
  ])('%s', (param, fields) => {
    expect(() => readResponseOptions({ model: 'm', input: 'hi', ...fields })).toThrow(
      expect.objectContaining({ code: 'invalid_request', param }),
    );
  });
});
