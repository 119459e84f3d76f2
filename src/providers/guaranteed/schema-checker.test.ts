import { describe, expect, it } from 'vitest';
import { createSchemaChecker } from './schema-checker.ts';

const checker = createSchemaChecker();

describe('the checker of schemas', () => {
  it('says nothing of a value that fits and a sentence of one that does not', async () => {
    const schema = { type: 'object', required: ['a'] };
    expect(await checker.check(schema, '{"a":1}')).toBeUndefined();
    expect(await checker.check(schema, '{}')).toBe("The value must have required property 'a'.");
    expect(await checker.check(schema, 'no')).toBe('It is no JSON.');
  });

  it('refuses a schema by its place in the request', async () => {
    const refused = { code: 'invalid_schema', param: 'response_format.json_schema.schema' };
    await expect(checker.accept({ type: 'text' })).rejects.toMatchObject(refused);
    await expect(checker.accept({ description: 'a'.repeat(200_000) })).rejects.toMatchObject(refused);
  });

  it('a schema that takes its time does not hold up the event loop', async () => {
    const slow = checker.check({ pattern: '^(a+)+$' }, `"${'a'.repeat(60)}b"`).catch(() => 'refused');
    const turns = await Promise.race([slow, new Promise((resolve) => setImmediate(() => resolve('turned')))]);
    expect(turns).toBe('turned');
    expect(await slow).toBe('refused');
  });

  it('answers each of many questions at once', async () => {
    const numbers = Array.from({ length: 50 }, (_, at) => at);
    const told = await Promise.all(numbers.map((at) => checker.check({ maximum: 24 }, String(at))));
    expect(told.map((complaint) => complaint === undefined)).toEqual(numbers.map((at) => at <= 24));
  });

  it('a thread that has ended while idle is followed by another', async () => {
    const restless = createSchemaChecker({ idleMs: 1 });
    expect(await restless.check({ type: 'null' }, 'null')).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await restless.check({ type: 'null' }, '1')).toBe('The value must be null.');
  });
});
