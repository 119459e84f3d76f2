import type { Caller } from '../../access/access.ts';
import { emptyResponse, eventTexts } from '../../dialects/openai-responses/response-call.ts';
import { replayedEvents } from '../../dialects/openai-responses/replayed-events.ts';
import type { EventBatch } from '../../model/event.ts';
import { asFault, FlashmuxError } from '../../model/fault.ts';
import { Fold } from '../../model/fold.ts';
import type { JsonObject } from '../../model/json.ts';
import { isList, objectsIn } from '../../sessions/item-form.ts';
import { countUsage } from '../admit-caller.ts';
import type { EndedAnswer, Envelope } from '../generate-route.ts';
import { endedObject, keeper } from './keep-response.ts';
import { planResponse, type PlannedResponse } from './plan-response.ts';
import type { ResponseDeps } from './response-deps.ts';

/** What a connection has in memory: the last response, with all that came before it. */
export interface Remembered {
  readonly id: string;
  readonly items: readonly JsonObject[];
}

export interface Turn {
  readonly body: JsonObject;
  readonly generates: boolean;
  readonly caller: Caller;
  readonly requestId: string;
  readonly signal: AbortSignal;
  readonly remembered: Remembered | undefined;
  /** Takes the JSON of events, in order. Resolves once there is room for more. */
  readonly send: (texts: readonly string[]) => Promise<void>;
}

/** Characters of the items that a connection remembers; a longer conversation is found again where it is kept, or not at all. */
const mostRemembered = 32 * 1024 * 1024;

/**
 * One turn of a conversation over a socket: the events that a posted stream would have, and what is to be remembered of it. Throws what
 * went wrong before the first event; after it, the stream's last event tells it.
 */
export async function takeTurn(turn: Turn, deps: ResponseDeps): Promise<Remembered | undefined> {
  const { body, caller, requestId, signal, remembered } = turn;
  const recall = (id: string): readonly JsonObject[] | undefined => (id === remembered?.id ? remembered.items : undefined);
  const plan = await planResponse({ body, caller, signal, recall }, deps);
  const createdAt = Math.floor(deps.clock.now() / 1000);
  const { creditsPerUsd, newId } = deps;
  const envelope: Envelope = { id: newId('resp'), requestId, createdAt, model: plan.request.model, creditsPerUsd };
  const object = turn.generates ? await generated(turn, plan, envelope, deps) : await warmedUp(turn, plan, envelope, deps);
  if (object === undefined) return undefined;
  const items = [...plan.before, ...objectsIn(plan.own), ...(isList(object['output']) ? objectsIn(object['output']) : [])];
  return JSON.stringify(items).length > mostRemembered ? undefined : { id: envelope.id, items };
}

/** The response that was told; undefined where it failed. */
async function generated(
  { caller, requestId, signal, send }: Turn,
  plan: PlannedResponse,
  envelope: Envelope,
  deps: ResponseDeps,
): Promise<JsonObject | undefined> {
  const { request, answers } = plan;
  const keep = keeper(plan, caller.accountId, deps);
  const writer = answers.streamWriter(envelope, request);
  const folding = new Fold();
  const ended = (fault?: FlashmuxError): EndedAnswer => ({
    answer: folding.answer(),
    envelope,
    ...(fault === undefined ? {} : { fault }),
  });
  const onUsage: Parameters<typeof deps.serve>[0]['onUsage'] = (usage) => countUsage(caller, usage, deps);
  let hasBegun = false;
  try {
    for await (const batch of deps.serve({ requestId, answerId: envelope.id, caller, request, signal, onUsage })) {
      signal.throwIfAborted();
      hasBegun = true;
      for (const event of batch) folding.add(event);
      await send(eventTexts(writer.write(batch)));
    }
    signal.throwIfAborted();
    if (!hasBegun) throw new Error('the exchange ended without any event');
    const notices: EventBatch = (await keep(ended())).map((notice) => ({ kind: 'notice', notice }));
    await send(eventTexts((notices.length === 0 ? '' : writer.write(notices)) + writer.end()));
    return endedObject(plan, ended());
  } catch (error) {
    if (!hasBegun) throw error;
    const reason: unknown = signal.reason;
    const fault = FlashmuxError.is(reason) ? reason : asFault(error);
    if (fault.code === 'internal') deps.log.error({ requestId, error: fault.cause ?? fault }, 'unexpected condition');
    await keep(ended(fault));
    await send(eventTexts(writer.fault(fault)));
    return undefined;
  }
}

/** `generate: false`: a response without output that the next turn goes on from. Nothing runs and nothing is charged. */
async function warmedUp(turn: Turn, plan: PlannedResponse, envelope: Envelope, deps: ResponseDeps): Promise<JsonObject> {
  const object = emptyResponse(plan.call, envelope, plan.request, { status: 'completed', store: plan.isKept });
  const { previousResponseId: previousId, conversationId } = plan.call.options;
  if (plan.isKept) {
    await deps.sessions.keep({
      accountId: turn.caller.accountId,
      own: plan.own,
      object,
      ...(previousId === undefined ? {} : { previousId }),
      ...(conversationId === undefined ? {} : { conversationId }),
    });
  }
  await turn.send(replayedEvents(object).map((event) => JSON.stringify(event)));
  return object;
}
