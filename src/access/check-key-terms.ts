import { FlashmuxError } from '../model/fault.ts';
import type { ServerToolName } from '../model/request.ts';
import { networkOf } from './address-blocks.ts';
import type { KeyBudget, KeyChanges, KeyWish } from './key-admin.ts';

const mostModels = 100;
const mostAddresses = 100;
/** Each request of the last minute is remembered. */
const mostRequestsPerMinute = 100_000;
const mostTokensPerMinute = 1_000_000_000;
const mostInFlight = 10_000;
/** The last moment that a date can tell, in Unix milliseconds. */
const lastMoment = 8_640_000_000_000_000;
/** The largest single amount of the ledger: $1 billion. */
const mostNanoUsd = 1_000_000_000_000_000_000n;

/** What a new key is to be, or what is to change of one. Throws `invalid_request`, with the field as its param. */
export function checkKeyTerms(terms: KeyWish | KeyChanges, now: number): void {
  const { name, expiresAt, allowedModels, allowedTools, allowedAddresses, budget } = terms;
  if (name !== undefined) checkName(name);
  if (isSaid(expiresAt)) checkExpiry(expiresAt, now);
  if (isSaid(allowedModels)) checkModels(allowedModels);
  if (isSaid(allowedTools)) checkTools(allowedTools);
  if (isSaid(allowedAddresses)) checkAddresses(allowedAddresses);
  if (isSaid(budget)) checkBudget(budget);
  checkCount('requestsPerMinute', terms.requestsPerMinute, mostRequestsPerMinute);
  checkCount('tokensPerMinute', terms.tokensPerMinute, mostTokensPerMinute);
  checkCount('maxInFlight', terms.maxInFlight, mostInFlight);
}

function isSaid<Value>(value: Value | null | undefined): value is Value {
  return value !== undefined && value !== null;
}

function checkName(name: string): void {
  const { length } = name.trim();
  if (length < 1 || length > 100) refuse('name', 'The name of a key has 1 to 100 characters.');
}

function checkExpiry(expiresAt: number, now: number): void {
  const isMoment = Number.isSafeInteger(expiresAt) && expiresAt <= lastMoment;
  if (!isMoment || expiresAt <= now) refuse('expiresAt', 'A key expires in the future.');
}

const longestOverlapMs = 90 * 86_400_000;

/** For how long the secret before a rotation may open. Throws `invalid_request`. */
export function checkOverlap(overlapMs: number): void {
  if (Number.isSafeInteger(overlapMs) && overlapMs >= 0 && overlapMs <= longestOverlapMs) return;
  refuse('overlap', 'The secret before opens for at most 90 days more.');
}

/** An empty list is refused: it could be meant as all models or as none. */
function checkModels(models: readonly string[]): void {
  if (models.length < 1 || models.length > mostModels)
    refuse('allowedModels', `The models of a key are 1 to ${mostModels}; without any said, it may call all.`);
  const wrong = models.find((id) => !/^\S{1,200}$/.test(id));
  if (wrong !== undefined)
    refuse('allowedModels', `"${wrong.slice(0, 200)}" is no id of a model: it has 1 to 200 characters and no spaces.`);
}

/** As an object, so that a tool that the model layer learns is missed here by the compiler. */
const toolNames: Readonly<Record<ServerToolName, true>> = {
  web_search: true,
  web_extractor: true,
  code_interpreter: true,
  web_search_image: true,
  image_search: true,
};

/** An empty list is right here: it means that the key's calls use no tool of the server. */
function checkTools(tools: readonly string[]): void {
  const wrong = tools.find((name) => !Object.hasOwn(toolNames, name));
  if (wrong === undefined) return;
  refuse('allowedTools', `"${wrong.slice(0, 100)}" is no server-side tool. There are ${Object.keys(toolNames).join(', ')}.`);
}

function checkAddresses(blocks: readonly string[]): void {
  const param = 'allowedAddresses';
  if (blocks.length < 1 || blocks.length > mostAddresses)
    refuse(param, `The addresses of a key are 1 to ${mostAddresses}; without any said, it opens from everywhere.`);
  for (const text of blocks) {
    const network = networkOf(text);
    if (network === undefined)
      refuse(param, `"${text.slice(0, 100)}" is neither an address nor a block. Write 203.0.113.7, 10.0.0.0/8 or 2001:db8::/32.`);
    // Whoever wrote 10.1.2.3/8 meant one address or 16 million, and only they know.
    if (!network.isNetwork) refuse(param, `"${text}" lets in all of ${network.written}. Write that, or the address without "/".`);
  }
}

function checkBudget({ amountNanoUsd }: KeyBudget): void {
  if (amountNanoUsd < 1n || amountNanoUsd > mostNanoUsd)
    refuse('budget', 'The budget of a key is above 0 and at most $1 billion.');
}

function checkCount(param: string, count: number | null | undefined, most: number): void {
  if (!isSaid(count) || (Number.isSafeInteger(count) && count >= 1 && count <= most)) return;
  refuse(param, `${param} is a whole number from 1 to ${most}.`);
}

function refuse(param: string, message: string): never {
  throw new FlashmuxError('invalid_request', message, { param });
}
