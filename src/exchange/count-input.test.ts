import { describe, expect, test } from 'vitest';
import { createCatalogue } from '../catalogue/create-catalogue.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { Provider } from '../model/ports.ts';
import { createRouting } from '../routing/routing.ts';
import { createCountInput } from './count-input.ts';
import { request } from './serve.test-support.ts';

const model = 'qwen3.5-flash';
const asked = { ...request, model, limits: {} };
const caller = { keyId: 'k', accountId: 'acct' };
const { signal } = new AbortController();

/** Counts characters where the host does not count. */
function countInputOf(countInput?: Provider['countInput']): ReturnType<typeof createCountInput> {
  const catalogue = createCatalogue();
  const host: Provider = {
    name: 'host',
    cancellable: true,
    run: () => {
      throw new Error('nothing may run');
    },
    ...(countInput === undefined ? {} : { countInput }),
  };
  const hosts = [{ provider: 'host', model, upstreamModel: 'theirs' }];
  const routing = createRouting({ catalogue, hosts, local: () => undefined });
  return createCountInput({
    catalogue,
    routing,
    providers: new Map([['host', host]]),
    counter: { count: async (text) => text.length },
  });
}

describe('the count of an input', () => {
  test('is that of the host, asked in its own words', async () => {
    const countInput = countInputOf(async (given) => (given.model === 'theirs' ? 7 : 0));
    expect(await countInput({ caller, request: asked, signal })).toBe(7);
  });

  test('is made here where the host cannot tell', async () => {
    expect(await countInputOf()({ caller, request: asked, signal })).toBe('user\nHello\n'.length);
  });

  test('is made here where the input is too long for the host: whoever counts wants to know by how much', async () => {
    const countInput = countInputOf(() => Promise.reject(new FlashmuxError('context_length_exceeded', 'far too long')));
    expect(await countInput({ caller, request: asked, signal })).toBe('user\nHello\n'.length);
  });

  test('is refused where the call would be', async () => {
    const failing = countInputOf(() => Promise.reject(new FlashmuxError('engine_crashed', 'gone')));
    await expect(failing({ caller, request: asked, signal })).rejects.toMatchObject({ code: 'engine_crashed' });
    const countInput = countInputOf();
    await expect(countInput({ caller, request: { ...asked, model: 'nobody' }, signal })).rejects.toMatchObject({
      code: 'unknown_model',
    });
    const limited = { ...caller, allowedModels: ['qwen-flash'] };
    await expect(countInput({ caller: limited, request: asked, signal })).rejects.toMatchObject({ code: 'forbidden' });
  });
});
