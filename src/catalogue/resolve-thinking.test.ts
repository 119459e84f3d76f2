import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Effort, Thinking } from '../model/request.ts';
import { createCatalogue } from './create-catalogue.ts';
import { effortBudget } from './effort-budget.ts';
import { resolve } from './request.test-support.ts';

const thinkingOf = (model: string, thinking: Thinking) => resolve(model, { thinking }).request.thinking;
const noticesOf = (model: string, thinking: Thinking) =>
  resolve(model, { thinking }).notices.map(({ code, path }) => `${code} ${path}`);

describe('whether', () => {
  test.each([
    ['qwen3.5-flash', 'on'],
    ['qwen3.5-flash:variant1', 'on'],
    ['qwen-flash', 'off'],
    ['qwen3.5-omni-flash', 'off'],
    ['qwen3-coder-flash', 'off'],
    ['qwen3.8-flash', 'on'],
    ['qwen3.5-0.8b', 'off'],
    ['qwen3.5-2b', 'off'],
    ['qwen3.5-4b', 'on'],
    ['qwen3.5-35b-a3b', 'on'],
    ['tinyllama-1.1b-chat', 'off'],
  ] as const)('%s thinks by default: %s', (model, kind) => {
    expect(thinkingOf(model, { kind: 'unsaid' }).kind).toBe(kind);
  });

  test('an effort decides where enable_thinking is not said', () => {
    expect(thinkingOf('qwen-flash', { kind: 'unsaid', effort: 'low' }).kind).toBe('on');
    expect(thinkingOf('qwen3.5-flash', { kind: 'unsaid', effort: 'none' })).toEqual({ kind: 'off' });
  });

  test('enable_thinking wins over an effort that says otherwise, with a notice', () => {
    const on: Thinking = { kind: 'on', effort: 'none' };
    const off: Thinking = { kind: 'off', effort: 'high' };
    expect(thinkingOf('qwen-flash', on).kind).toBe('on');
    expect(thinkingOf('qwen-flash', off)).toEqual({ kind: 'off' });
    expect(noticesOf('qwen-flash', on)).toEqual(['ignored reasoning_effort']);
    expect(noticesOf('qwen-flash', off)).toEqual(['ignored reasoning_effort']);
  });

  test('a budget alone does not turn thinking on', () => {
    const wish: Thinking = { kind: 'unsaid', budgetTokens: 100 };
    expect(thinkingOf('qwen-flash', wish)).toEqual({ kind: 'off' });
    expect(noticesOf('qwen-flash', wish)).toEqual(['ignored thinking_budget']);
  });

  test('a model that cannot think says so and answers', () => {
    const wish: Thinking = { kind: 'on', effort: 'high', budgetTokens: 10 };
    expect(thinkingOf('qwen3.5-omni-flash', wish)).toEqual({ kind: 'off' });
    expect(noticesOf('qwen3.5-omni-flash', wish)).toEqual([
      'ignored enable_thinking',
      'ignored reasoning_effort',
      'ignored thinking_budget',
    ]);
    expect(noticesOf('qwen3.5-omni-flash', { kind: 'off', effort: 'none' })).toEqual([]);
  });
});

describe('how much', () => {
  test('a budget wins over an effort, with a notice', () => {
    const wish: Thinking = { kind: 'on', effort: 'low', budgetTokens: 77 };
    expect(thinkingOf('qwen3.5-flash', wish)).toEqual({ kind: 'on', budgetTokens: 77 });
    expect(noticesOf('qwen3.5-flash', wish)).toEqual(['ignored reasoning_effort']);
  });

  test('an effort stands for a budget sized to the model', () => {
    expect(thinkingOf('qwen3.5-flash', { kind: 'on', effort: 'high' })).toEqual({
      kind: 'on',
      effort: 'high',
      budgetTokens: 40_960,
    });
    expect(thinkingOf('qwen3.8-flash', { kind: 'on', effort: 'high' })).toEqual({
      kind: 'on',
      effort: 'high',
      budgetTokens: 131_072,
    });
  });

  test('the default budget of a page comes before its default effort, and an effort that was said before both', () => {
    expect(thinkingOf('qwen3.5-flash:variant1', { kind: 'unsaid' })).toEqual({ kind: 'on', budgetTokens: 32_768 });
    expect(thinkingOf('qwen3.5-flash:variant1', { kind: 'unsaid', effort: 'low' })).toEqual({
      kind: 'on',
      effort: 'low',
      budgetTokens: 4096,
    });
  });

  test('where no page names a default the limit of the model is the only one', () => {
    expect(thinkingOf('qwen3.5-flash', { kind: 'unsaid' })).toEqual({ kind: 'on' });
  });

  test("whether old thoughts are kept is nobody else's choice", () => {
    expect(thinkingOf('qwen3.5-flash', { kind: 'on', preserve: true })).toEqual({ kind: 'on', preserve: true });
    expect(thinkingOf('qwen3.5-flash', { kind: 'off', preserve: false })).toEqual({ kind: 'off', preserve: false });
  });
});

const efforts = ['minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const satisfies readonly Effort[];

const budgets = (limit: number) => efforts.map((effort) => effortBudget(effort, limit));

test('the table of efforts', () => {
  expect(budgets(81_920)).toEqual([1024, 4096, 16_384, 40_960, 81_920, 81_920]);
  expect(budgets(262_144)).toEqual([1024, 4096, 16_384, 131_072, 262_144, 262_144]);
  expect(budgets(8192)).toEqual([512, 1024, 2048, 4096, 8192, 8192]);
});

test("more effort never means a smaller budget, and no budget leaves the model's range", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), (limit) => {
      const sizes = budgets(limit);
      expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
      expect(sizes.every((budget) => Number.isInteger(budget) && budget >= 1 && budget <= limit)).toBe(true);
    }),
  );
});

test('whatever is wished, a resolved model either thinks or does not, within its limit', () => {
  const models = createCatalogue()
    .list()
    .map((model) => model.id);
  const wish = fc.record(
    {
      kind: fc.constantFrom('unsaid' as const, 'on' as const, 'off' as const),
      effort: fc.constantFrom('none' as const, ...efforts),
      budgetTokens: fc.integer({ min: 1, max: 80_000 }),
    },
    { requiredKeys: ['kind'] },
  );
  fc.assert(
    fc.property(fc.constantFrom(...models), wish, (model, thinking) => {
      const order = resolve(model, { thinking });
      expect(['on', 'off']).toContain(order.request.thinking.kind);
      expect(order.request.thinking.budgetTokens ?? 1).toBeLessThanOrEqual(order.limits.thinking ?? 1);
    }),
  );
});
