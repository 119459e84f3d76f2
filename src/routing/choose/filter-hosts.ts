import type { MaxPrice, RoutingPreferences } from '../../model/routing-preferences.ts';
import { isNamed, type Candidate } from './candidate.ts';
import type { Demands } from './demands.ts';
import { isDearer, tierFor } from './exact-price.ts';

/** Why a host cannot answer a request: it is not able to, the input does not fit, or the caller does not want it. */
export interface Removal {
  readonly candidate: Candidate;
  readonly kind: 'ability' | 'length' | 'wish';
  /** What the host lacks or breaks, to be read after its name. */
  readonly why: string;
}

export interface Filtered {
  readonly kept: readonly Candidate[];
  readonly removed: readonly Removal[];
}

type Complaint = Pick<Removal, 'kind' | 'why'>;
type Filter = (candidate: Candidate, demands: Demands, wishes: Wishes) => Complaint | undefined;
type Wishes = Partial<RoutingPreferences>;

/** The hosts that can and may answer, in their order, and what was wrong with each of the others: the first that was found. */
export function filterHosts(candidates: readonly Candidate[], demands: Demands, wishes: Wishes = {}): Filtered {
  const kept: Candidate[] = [];
  const removed: Removal[] = [];
  for (const candidate of candidates) {
    const complaint = firstComplaint(candidate, demands, wishes);
    if (complaint === undefined) kept.push(candidate);
    else removed.push({ candidate, ...complaint });
  }
  return { kept, removed };
}

const ability = (why: string): Complaint => ({ kind: 'ability', why });
const wish = (why: string): Complaint => ({ kind: 'wish', why });

const filters: readonly Filter[] = [
  ({ host }, _demands, { only }) =>
    only === undefined || only.some((name) => isNamed(host, name)) ? undefined : wish('is not among "only"'),
  ({ host }, _demands, { ignore = [] }) => (ignore.some((name) => isNamed(host, name)) ? wish('is in "ignore"') : undefined),
  ({ host }, _demands, { region }) =>
    region === undefined || host.traits?.region === region ? undefined : wish(`is not in ${region}`),
  ({ capabilities }, { input }) => {
    const missing = input.find((medium) => !capabilities.input.includes(medium));
    return missing === undefined ? undefined : ability(`takes no ${missing}`);
  },
  ({ capabilities }, { output }) => {
    const missing = output.find((medium) => !capabilities.output.includes(medium));
    return missing === undefined ? undefined : ability(`answers in no ${missing}`);
  },
  ({ capabilities }, { features }) => {
    const missing = features.find((feature) => !capabilities.features.includes(feature));
    return missing === undefined ? undefined : ability(`has no ${missing}`);
  },
  tooLong,
  ({ limits }, { answerTokens = 0 }) =>
    limits.isAssumed !== true && answerTokens > limits.output
      ? ability(`answers with at most ${limits.output} tokens`)
      : undefined,
  ({ host, capabilities }, { parameters, wishedFeatures }, { requireParameters = false }) => {
    if (!requireParameters) return undefined;
    const unknown = parameters().find((name) => host.traits?.missingParameters?.includes(name) === true);
    const lacking = wishedFeatures.find((feature) => !capabilities.features.includes(feature));
    return unknown === undefined && lacking === undefined ? undefined : wish(`does not have ${unknown ?? lacking}`);
  },
  ({ host }, _demands, { quantizations }) => {
    const own = host.traits?.quantization ?? 'unknown';
    return quantizations === undefined || quantizations.some((each) => each.toLowerCase() === own.toLowerCase())
      ? undefined
      : wish(`has weights in ${own}`);
  },
  breaksPrivacy,
  ({ priceList }, { leastInput }, { maxPrice }) =>
    maxPrice === undefined ? undefined : tooDear(priceList, leastInput(), maxPrice),
];

function firstComplaint(candidate: Candidate, demands: Demands, wishes: Wishes): Complaint | undefined {
  for (const filter of filters) {
    const complaint = filter(candidate, demands, wishes);
    if (complaint !== undefined) return complaint;
  }
  return undefined;
}

/** Only what surely does not fit: how many tokens an input has is known when its host has counted it. */
function tooLong({ limits }: Candidate, { leastInput }: Demands): Complaint | undefined {
  if (limits.isAssumed === true) return undefined;
  const most = limits.input ?? limits.context;
  const least = leastInput();
  return least > most ? { kind: 'length', why: `takes ${most} tokens of input, and this has at least ${least}` } : undefined;
}

/** Who retains nothing keeps nothing, and who keeps nothing has nothing to train on. Nobody's word is no word. */
function breaksPrivacy({ host }: Candidate, _demands: Demands, wishes: Wishes): Complaint | undefined {
  const { retainsNothing = false, keepsNoData = false, trainsOnNothing = false } = host.traits?.privacy ?? {};
  if (wishes.zeroDataRetention === true && !retainsNothing) return wish('does not say that it retains nothing');
  if (wishes.dataCollection === 'deny' && !keepsNoData && !retainsNothing) return wish('does not say that it keeps no prompts');
  if (wishes.noTraining === true && !trainsOnNothing && !keepsNoData && !retainsNothing)
    return wish('does not say that it trains on nothing');
  return undefined;
}

function tooDear(priceList: Candidate['priceList'], leastInput: number, most: MaxPrice): Complaint | undefined {
  const tier = tierFor(priceList, leastInput);
  if (most.prompt !== undefined && isDearer(tier, 'input-text', 'million', most.prompt))
    return wish(`costs more than $${most.prompt} for a million tokens of prompt`);
  if (most.completion !== undefined && isDearer(tier, 'output-text', 'million', most.completion))
    return wish(`costs more than $${most.completion} for a million tokens of completion`);
  if (most.request !== undefined && isDearer(tier, 'request', 'one', most.request))
    return wish(`costs more than $${most.request} for a request`);
  return undefined;
}
