import type { Capabilities } from '../model/capability.ts';
import type { Meter, PriceList, Rate } from '../model/money.ts';
import type { ModelEntry } from './catalogue.ts';
import { buildParameters } from './shared-parameters.ts';

/** A model that the operator of a server adds: what is not said is taken broadly, and nothing is filled in for the caller. */
export interface OperatorModel {
  readonly id: string;
  readonly name?: string;
  readonly description?: string;
  readonly aliases?: readonly string[];
  readonly owner?: string;
  /** Tokens. Absent: 131,072, and no request is checked against it. */
  readonly context?: number;
  /** Tokens. Absent: the context, and no request is checked against it. */
  readonly output?: number;
  /** Tokens. */
  readonly thinking?: number;
  readonly capabilities?: Partial<Capabilities>;
  readonly prices?: OperatorPrices;
}

/** Dollars as decimal text: for a million tokens of a token meter, for one of a tool call or request. Absent: free. */
type OperatorPrices = Readonly<Partial<Record<Meter, string>>>;

const assumedContext = 131_072;

const broad: Capabilities = {
  input: ['text', 'image', 'audio', 'video', 'document'],
  output: ['text', 'audio'],
  features: ['thinking', 'tools', 'json', 'schema', 'logprobs', 'answers', 'explicit-cache', 'implicit-cache'],
};

const groups = ['sampling', 'length', 'output', 'tools', 'thinking', 'vision', 'audio'];

/**
 * The catalogue entry of an operator's model: the ranges of OpenAI, no defaults. Throws RangeError for a price that is no
 * decimal text.
 */
export function operatorModel(wish: OperatorModel): ModelEntry {
  const { id, name = id, description = '', aliases = [], owner = 'operator', context = assumedContext, output } = wish;
  const thinking = wish.thinking === undefined ? {} : { thinking: wish.thinking };
  return {
    id,
    name,
    description,
    aliases,
    owner,
    capabilities: { ...broad, ...wish.capabilities },
    limits: { context, output: output ?? context, ...thinking, ...(wish.context === undefined ? { isAssumed: true } : {}) },
    // 128 answers is what OpenAI allows; the Qwen hosts stop at 4.
    parameters: buildParameters(groups, { n: { maximum: 128 } }, { ...(output === undefined ? {} : { output }), ...thinking }),
    thinkingDefault: false,
    priceList: operatorPrices(id, wish.prices ?? {}),
    variants: [],
    sources: ['the configuration of this server'],
  };
}

function operatorPrices(modelId: string, prices: OperatorPrices): PriceList {
  const rates = Object.fromEntries(
    Object.entries({ 'input-text': '0', 'output-text': '0', ...prices }).map(([meter, usd]) => [meter, operatorRate(meter, usd)]),
  );
  return { id: `${modelId}/operator`, from: '1970-01-01', tiers: [{ rates }], rounding: { quantum: 1n, per: 'line' } };
}

function operatorRate(meter: string, usd: string): Rate {
  if (!/^\d{1,12}(\.\d{1,12})?$/.test(usd)) {
    throw new RangeError(`the price of ${meter} is ${JSON.stringify(usd)}; write dollars as digits, such as "0.40"`);
  }
  return { usd, per: meter === 'request' || meter.startsWith('tool:') ? 1 : 1_000_000 };
}
