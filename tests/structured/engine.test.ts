import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { JsonObject } from '../../src/model/json.ts';
import { postChat, shortChat } from '../support/chat-body.ts';
import { faultReply } from '../support/fault-reply.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { tinyVocabulary } from '../support/tiny-gguf/tiny-vocabulary.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const answer = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        finish_reason: z.string(),
        message: z.looseObject({ content: z.string(), reasoning_content: z.string().optional() }),
      }),
    )
    .length(1),
  notices: z.array(z.looseObject({ code: z.string(), path: z.string(), message: z.string() })).optional(),
});

async function ask(schema: JsonObject, more: JsonObject = {}): Promise<z.infer<typeof answer>> {
  const response_format = { type: 'json_schema', json_schema: { name: 'answer', schema } };
  const reply = await postChat(server, { ...shortChat, max_tokens: 800, temperature: 1, response_format, ...more });
  const body = await reply.text();
  expect([reply.status, body]).toEqual([200, expect.any(String)]);
  return answer.parse(JSON.parse(body));
}

const person: JsonObject = {
  type: 'object',
  properties: {
    name: { type: 'string', maxLength: 12 },
    born: { type: 'string', format: 'date' },
    pets: { type: 'array', items: { enum: ['cat', 'dog'] }, maxItems: 3 },
    address: { anyOf: [{ type: 'null' }, { $ref: '#/$defs/address' }] },
  },
  required: ['name', 'born', 'pets', 'address'],
  additionalProperties: false,
  $defs: {
    address: {
      type: 'object',
      properties: { zip: { type: 'string', pattern: '^[0-9]{5}$' } },
      required: ['zip'],
      additionalProperties: false,
    },
  },
};

describe('a schema on the embedded engine', () => {
  const ajv = new Ajv2020({ strict: false, formats: { date: /^\d{4}-\d\d-\d\d$/ } });

  test.each([1, 2, 3])('holds while the model thinks, seed %d', async (seed) => {
    const told = await ask(person, { enable_thinking: true, thinking_budget: 12, seed });
    const [choice] = told.choices;
    expect(choice?.finish_reason).toBe('stop');
    expect(choice?.message.reasoning_content).toMatch(/./);
    expect(ajv.validate(person, JSON.parse(choice?.message.content ?? ''))).toBe(true);
    expect(told.notices?.filter(({ path }) => path === 'response_format') ?? []).toEqual([]);
  });

  test('what a grammar cannot say, and the model did not keep to, is told', async () => {
    // No text is both: whatever the model writes is wrong.
    const schema = { enum: ['a', 'b'], not: { enum: ['a', 'b'] } };
    const { choices, notices } = await ask(schema);
    expect(['"a"', '"b"']).toContain(choices[0]?.message.content);
    expect(notices).toContainEqual(
      expect.objectContaining({ code: 'ignored', path: 'response_format', message: expect.stringMatching(/must NOT be valid/) }),
    );
  });

  test('beside tools the model may still call one; a text is held to the schema', async () => {
    const tool = {
      type: 'function',
      function: { name: 'f', parameters: { type: 'object', properties: {}, additionalProperties: false } },
    };
    // A model that would rather say nothing: the first try is free to be a call, the next one is not.
    const { endOfTurnId } = await tinyVocabulary();
    const wordless = { [endOfTurnId]: 100 };
    const { choices, notices } = await ask({ enum: ['exactly this'] }, { tools: [tool], logit_bias: wordless });
    expect(choices[0]?.message.content).toBe('"exactly this"');
    expect(notices?.filter(({ path }) => path === 'response_format').map(({ code }) => code)).toEqual(['moved', 'dropped']);
  });

  test.each<readonly [name: string, schema: JsonObject]>([
    ['two kinds at once', { allOf: [{ type: 'string' }, { type: 'number' }] }],
    ['a reference to another document', { $ref: 'https://example.com/a.json' }],
    ['a keyword of a wrong type', { type: 'string', maxLength: 'x' }],
    ['more repetitions than can be counted', { type: 'array', items: {}, minItems: 1e6 }],
  ])('that no grammar can be made of is refused with its place: %s', async (_, schema) => {
    const response_format = { type: 'json_schema', json_schema: { name: 'answer', schema } };
    const fault = await faultReply(await postChat(server, { ...shortChat, response_format }));
    expect(fault).toMatchObject({ status: 400, code: 'invalid_json_schema', param: expect.stringMatching(/^response_format\./) });
  });
});
