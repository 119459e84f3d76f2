import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { builtInModels } from './built-in-models.ts';
import { operatorModel } from './operator-model.ts';
import { parameterSchema } from './parameter-schema.ts';

/** Strict: a keyword that ajv does not know, or one that cannot apply, is a mistake in our data. */
const ajv = () => new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false, strictTypes: false });
const sold = builtInModels.flatMap((model) => [
  { id: model.id, model, variant: undefined },
  ...model.variants.map((variant) => ({ id: variant.id, model, variant })),
]);

test.each(sold)('$id has a valid draft 2020-12 schema', ({ id, model, variant }) => {
  const schema = parameterSchema(model, variant);
  expect(schema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
  const validate = ajv().compile(schema);
  expect(validate({ model: id, messages: [{ role: 'user', content: 'Hello' }] }), JSON.stringify(validate.errors)).toBe(true);
});

test('every default is a value of its own schema', () => {
  for (const { model, variant } of sold) {
    for (const { name, schema } of variant?.parameters ?? model.parameters) {
      const value = schema['default'];
      if (value !== undefined) expect(ajv().validate(schema, value), `${model.id} ${name}`).toBe(true);
    }
  }
});

test('every parameter says what it does', () => {
  for (const { model, variant } of sold) {
    for (const parameter of variant?.parameters ?? model.parameters) expect(parameter.description.length).toBeGreaterThan(20);
  }
});

test("an operator's model has a schema too", () => {
  expect(() => ajv().compile(parameterSchema(operatorModel({ id: 'mine' })))).not.toThrow();
});

const body = (fields: object) => ({ model: 'alibaba/qwen3.5-flash', messages: [{ role: 'user', content: 'Hi' }], ...fields });

describe('the schema of Qwen3.5 Flash', () => {
  const flash = builtInModels.find(({ id }) => id === 'qwen3.5-flash');
  if (flash === undefined) throw new Error('qwen3.5-flash is built in');
  const validate = ajv().compile(parameterSchema(flash));

  test.each([
    { temperature: 2, top_p: 0, max_tokens: 65_536, thinking_budget: 1, stop: 'END' },
    { stop: ['a', 'b', 'c', 'd'], reasoning_effort: 'high', response_format: { type: 'json_object' } },
    { temperature: null, reasoning_effort: null, tool_choice: null },
    { tools: [{ type: 'function', function: { name: 'f', parameters: {} } }], tool_choice: 'required' },
    { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://example.org/a.png' } }] }] },
    {
      messages: [
        { role: 'assistant', content: null, tool_calls: [] },
        { role: 'tool', content: 'x', tool_call_id: 'c' },
      ],
    },
    { some_field_of_another_model: true },
  ])('takes %j', (fields) => {
    expect(validate(body(fields)), JSON.stringify(validate.errors)).toBe(true);
  });

  test.each([
    { temperature: 2.1 },
    { max_tokens: 65_537 },
    { max_tokens: 1.5 },
    { stop: ['a', 'b', 'c', 'd', 'e'] },
    { reasoning_effort: 'huge' },
    { messages: [] },
    { messages: [{ role: 'robot', content: 'x' }] },
    { messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'x', format: 'wav' } }] }] },
    { response_format: { type: 'json_schema' } },
    { model: 'qwen-flash' },
  ])('refuses %j', (fields) => {
    expect(validate(body(fields))).toBe(false);
  });
});
