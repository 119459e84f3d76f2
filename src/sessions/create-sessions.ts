import { FlashmuxError } from '../model/fault.ts';
import { isJsonObject } from '../model/json.ts';
import type { JsonObject } from '../model/json.ts';
import type { Clock } from '../model/ports.ts';
import { inputItems, keptItem, objectsIn, isList } from './item-form.ts';
import { isKeptStatus } from './kept-response.ts';
import type { ItemPage, KeptResponse } from './kept-response.ts';
import { conversationRules } from './conversation-rules.ts';
import { ownItems } from './own-items.ts';
import { pageOf } from './page-of.ts';
import type { Chain, SessionStore } from './session-store.ts';
import type { InputWish, KeepWish, Sessions } from './sessions.ts';

export interface SessionsOptions {
  readonly store: SessionStore;
  readonly clock: Pick<Clock, 'now'>;
  readonly newId: (prefix: 'conv' | 'item') => string;
  /** How long something is kept after its last use, in milliseconds. 0: nothing is ever kept. */
  readonly keepMs: number;
  readonly keepsUnasked: boolean;
}

/** Characters of JSON that are kept of one response, its own input and its output together. */
export const largestResponse = 8 * 1024 * 1024;

const chainLimits = { responses: 1_000, characters: 32 * 1024 * 1024 };

export function createSessions(options: SessionsOptions): Sessions {
  const { store, clock, keepMs, keepsUnasked } = options;
  const expiresAt = (): number => clock.now() + keepMs;

  const find = async (accountId: string, id: string): Promise<KeptResponse> => {
    const found = await store.find({ accountId, id }, clock.now());
    if (found === undefined) throw unknownResponse(id);
    return found;
  };

  const before = async ({ accountId, previousId, conversationId, recall }: InputWish): Promise<readonly JsonObject[]> => {
    if (conversationId !== undefined) return (await conversations.conversationItems(accountId, conversationId, 'all')).items;
    if (previousId === undefined) return [];
    const remembered = recall?.(previousId);
    if (remembered !== undefined) return remembered;
    return itemsOf(await store.chain({ accountId, id: previousId }, chainLimits, clock.now(), expiresAt()), previousId);
  };

  const form = (wish: KeepWish): KeptResponse => {
    const { output, ...object } = wish.object;
    const id = textOf(object['id']);
    const { status } = object;
    if (!isKeptStatus(status)) throw new Error('a response object has a status that can be kept');
    const kept: KeptResponse = {
      id,
      accountId: wish.accountId,
      status,
      ...(wish.previousId === undefined ? {} : { previousId: wish.previousId }),
      ...(wish.conversationId === undefined ? {} : { conversationId: wish.conversationId }),
      object,
      input: objectsIn(wish.own).map((item, index) => keptItem(item, id, index)),
      output: isList(output) ? objectsIn(output) : [],
      createdAt: clock.now(),
      expiresAt: expiresAt(),
    };
    refuseTooLarge(kept);
    return kept;
  };

  const conversations = conversationRules({ ...options, expiresAt });
  return {
    ...conversations,
    keeps: keepMs > 0,
    keepsUnasked: keepMs > 0 && keepsUnasked,
    input: async (wish) => ({
      before: await before(wish),
      own: await ownItems(inputItems(wish.input), (ids) => store.items(wish.accountId, ids, clock.now())),
    }),
    form,
    keep: async (wish) => store.keep(form(wish)),
    response: find,
    async removeResponse(accountId, id) {
      if (!(await store.remove({ accountId, id }))) throw unknownResponse(id);
    },
    async inputItems(accountId, id, page: ItemPage) {
      return pageOf((await find(accountId, id)).input, page);
    },
    background: store,
    prune: () => store.prune(clock.now()),
  };
}

function itemsOf(chain: Chain, previousId: string): readonly JsonObject[] {
  switch (chain.kind) {
    case 'chain':
      return chain.items;
    case 'unknown':
      throw noPrevious(`Previous response with id '${shown(previousId)}' not found.`);
    case 'broken':
      throw noPrevious(`The response '${shown(previousId)}' goes on from '${chain.missingId}', which was removed.`);
    case 'running':
      throw new FlashmuxError('conflict', `The response '${shown(previousId)}' still runs. Wait for its end, or cancel it.`, {
        param: 'previous_response_id',
      });
    case 'too-long':
      throw new FlashmuxError('invalid_request', tooLong(chain), { param: 'previous_response_id' });
  }
}

function tooLong({ responses, characters }: Extract<Chain, { kind: 'too-long' }>): string {
  const most = `${chainLimits.responses} responses and ${chainLimits.characters} characters`;
  const what =
    characters === 0 ? `more than ${chainLimits.responses} responses` : `${responses} responses of ${characters} characters`;
  return `The chain of responses is too long: ${what}; it may have ${most}. Compact it (POST /v1/responses/compact) and begin a new one.`;
}

function refuseTooLarge(kept: KeptResponse): void {
  const characters = JSON.stringify([kept.object, kept.input, kept.output]).length;
  if (characters <= largestResponse) return;
  throw new FlashmuxError(
    'body_too_large',
    `The response has ${characters} characters with its input; at most ${largestResponse} are kept.`,
    { param: 'store' },
  );
}

function noPrevious(message: string): FlashmuxError {
  return new FlashmuxError('previous_response_not_found', message, { param: 'previous_response_id' });
}

function unknownResponse(id: string): FlashmuxError {
  return new FlashmuxError('not_found', `Response with id '${shown(id)}' not found.`, { param: 'id' });
}

/** Text of a caller, as long as it may be in a message. */
function shown(id: string): string {
  return id.slice(0, 100);
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new Error('a response object has an id');
  return value;
}

/** The object of a response as it is told: what has happened to it since is in its row. */
export function currentObject({ object, status, output }: KeptResponse): JsonObject {
  const told = object['status'];
  if (told === status) return { ...object, output };
  // It was cancelled, or its process died, before its last word could be written.
  const error = status === 'failed' && !isJsonObject(object['error']) ? { error: processDied } : {};
  return { ...object, status, output, ...error };
}

const processDied = {
  code: 'server_error',
  type: 'server_error',
  message: 'The server that ran the response ended before it was complete.',
};
