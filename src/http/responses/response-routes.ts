import { openaiResponsesDialect as dialect } from '../../dialects/openai-responses/openai-responses-dialect.ts';
import { FlashmuxError } from '../../model/fault.ts';
import { currentObject } from '../../sessions/create-sessions.ts';
import type { Incoming } from '../incoming.ts';
import { wrongQuery } from '../read-query.ts';
import { sendJson } from '../reply.ts';
import type { KeyedRoute } from '../route.ts';
import type { BackgroundRuns } from './background-runs.ts';
import { createResponseRoute } from './create-response-route.ts';
import { describeList, readItemPage } from './item-pages.ts';
import { readQueryBeside } from './read-query-beside.ts';
import type { ResponseDeps } from './response-deps.ts';
import { streamKept } from './stream-kept.ts';

/** All below `/v1/responses`, for the account of the key that asks. */
export function responseRoutes(deps: ResponseDeps, runs: BackgroundRuns): readonly KeyedRoute[] {
  const { sessions } = deps;
  return [
    createResponseRoute(deps, runs),
    {
      method: 'GET',
      path: '/v1/responses/{id}',
      key: 'required',
      dialect,
      async answer({ incoming, parameters, caller }) {
        const { stream, after } = readWatch(incoming);
        const kept = await sessions.response(caller.accountId, parameters['id'] ?? '');
        if (stream) await streamKept(incoming, { kept, after }, deps);
        else await sendJson(incoming, 200, currentObject(kept));
      },
    },
    {
      method: 'POST',
      path: '/v1/responses/{id}/cancel',
      key: 'required',
      dialect,
      async answer({ incoming, parameters, caller }) {
        const owned = { accountId: caller.accountId, id: parameters['id'] ?? '' };
        const { object } = await sessions.response(owned.accountId, owned.id);
        if (object['background'] !== true) {
          throw new FlashmuxError('invalid_request', 'Only a response with background: true can be cancelled.', { param: 'id' });
        }
        // One that has ended stays as it is: cancelling twice is cancelling once.
        if (await sessions.background.cancel(owned)) runs.stop(owned.id);
        await sendJson(incoming, 200, currentObject(await sessions.response(owned.accountId, owned.id)));
      },
    },
    {
      method: 'DELETE',
      path: '/v1/responses/{id}',
      key: 'required',
      dialect,
      async answer({ incoming, parameters, caller }) {
        const id = parameters['id'] ?? '';
        await sessions.removeResponse(caller.accountId, id);
        await sendJson(incoming, 200, { id, object: 'response', deleted: true });
      },
    },
    {
      method: 'GET',
      path: '/v1/responses/{id}/input_items',
      key: 'required',
      dialect,
      async answer({ incoming, parameters, caller }) {
        const list = await sessions.inputItems(caller.accountId, parameters['id'] ?? '', readItemPage(incoming));
        await sendJson(incoming, 200, describeList(list));
      },
    },
  ];
}

const unused: ReadonlySet<string> = new Set(['include', 'include[]', 'include_obfuscation']);

/** `stream` and, with it, `starting_after`: the number of the last event that the caller has. */
function readWatch(incoming: Incoming): { readonly stream: boolean; readonly after: number } {
  const { stream = 'false', starting_after: after } = readQueryBeside(incoming, ['stream', 'starting_after'], unused);
  if (stream !== 'true' && stream !== 'false') throw wrongQuery('stream', 'stream must be true or false.');
  if (after === undefined) return { stream: stream === 'true', after: -1 };
  if (!/^\d{1,9}$/.test(after)) throw wrongQuery('starting_after', 'starting_after must be the sequence_number of an event.');
  return { stream: stream === 'true', after: Number(after) };
}
