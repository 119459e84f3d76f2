import { expect, test } from 'vitest';
import { readSuffix } from './model-suffix.ts';
import { benchOf, hostsOf, testCatalogue, wishing } from './routing.test-support.ts';

const regionsOf = (): readonly string[] => ['Singapore', 'us'];
const [{ model }] = [wishing({})];
const read = (suffix: string, wish: Parameters<typeof wishing>[0] = {}) =>
  readSuffix({ ...wishing(wish), model: `${model}:${suffix}` }, { catalogue: testCatalogue, regionsOf });

test.each([
  ['nitro', { sort: 'throughput' }],
  ['floor', { sort: 'price' }],
  ['exacto', { sort: 'exacto' }],
  ['free', { maxPrice: { prompt: '0', completion: '0', request: '0' } }],
  ['singapore', { region: 'Singapore' }],
])('":%s" behind the id of a model is a wish', (suffix, wish) => {
  expect(read(suffix)).toMatchObject({ model, routing: wish });
});

test('what the caller says in words wins over a suffix, but nothing is dearer than free', () => {
  expect(read('nitro', { sort: 'price' }).routing).toMatchObject({ sort: 'price' });
  expect(read('free', { maxPrice: { prompt: '9', image: '1' } }).routing?.maxPrice).toEqual({
    prompt: '0',
    completion: '0',
    request: '0',
    image: '1',
  });
});

test('a suffix that nobody knows, or of a model that nobody knows, stays where it is', () => {
  expect(read('mars').model).toBe(`${model}:mars`);
  expect(readSuffix({ ...wishing({}), model: 'nobody:nitro' }, { catalogue: testCatalogue, regionsOf }).model).toBe(
    'nobody:nitro',
  );
  expect(read('constructor').model).toBe(`${model}:constructor`);
});

test('a region leaves the hosts of other regions out, and those that name none', () => {
  const bench = benchOf(hostsOf({ here: { region: 'Singapore' }, there: { region: 'us' }, nowhere: {} }));
  const asked = bench.routing.understood({ ...wishing({}), model: `${model}:singapore` });
  expect(bench.plan(asked).map(({ provider }) => provider)).toEqual(['here']);
});
