import type { Caller } from '../../access/access.ts';
import type { Dialect } from '../../dialects/dialect.ts';
import { readResponseCall, requestOf, responseAnswers } from '../../dialects/openai-responses/response-call.ts';
import type { ResponseCall } from '../../dialects/openai-responses/response-call.ts';
import { FlashmuxError } from '../../model/fault.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { nothingIsKept } from '../../sessions/conversation-rules.ts';
import type { SessionInput } from '../../sessions/sessions.ts';
import { fitToContext } from './fit-to-context.ts';
import type { ResponseDeps } from './response-deps.ts';

/** One response before it runs, with all that came before it. */
export interface PlannedResponse extends SessionInput {
  readonly call: ResponseCall;
  readonly request: GenerateRequest;
  readonly answers: Dialect['answers'];
  readonly isKept: boolean;
  readonly notices: readonly Notice[];
}

export interface PlanWish {
  readonly body: Json;
  readonly caller: Caller;
  readonly signal: AbortSignal;
  /** What the connection has in memory of a response. */
  readonly recall?: (responseId: string) => readonly JsonObject[] | undefined;
}

/** Reads a body and finds what it goes on from. Throws what is wrong with either, before anything is paid for. */
export async function planResponse({ body, caller, signal, recall }: PlanWish, deps: ResponseDeps): Promise<PlannedResponse> {
  const { sessions } = deps;
  const call = readResponseCall(body);
  const { options } = call;
  const isKept = options.store ?? (sessions.keepsUnasked || options.background === true);
  refuseContradictions(call, isKept, sessions.keeps);
  const session = await sessions.input({
    accountId: caller.accountId,
    input: call.body['input'],
    ...(options.previousResponseId === undefined ? {} : { previousId: options.previousResponseId }),
    ...(options.conversationId === undefined ? {} : { conversationId: options.conversationId }),
    ...(recall === undefined ? {} : { recall }),
  });
  const whole = requestOf(call, session.before, session.own);
  const fitted =
    options.truncation === 'auto'
      ? await fitToContext({ call, session, request: whole, caller, signal }, deps)
      : { request: whole, notices: [] };
  const isKeptHere = isKept && sessions.keeps;
  const notices = isKept && !sessions.keeps ? [keepsNothing, ...fitted.notices] : fitted.notices;
  return {
    ...session,
    call,
    request: fitted.request,
    answers: responseAnswers(call, isKeptHere),
    isKept: isKeptHere,
    notices,
  };
}

const keepsNothing: Notice = {
  code: 'ignored',
  path: 'store',
  message: 'This server keeps no responses; go on from this one by sending its items again.',
};

function refuseContradictions({ options }: ResponseCall, isKept: boolean, keeps: boolean): void {
  if (options.background === true) {
    if (!keeps) throw nothingIsKept('background');
    if (!isKept) {
      throw new FlashmuxError(
        'unsupported_value',
        'A response in the background is found again by its id, so store must not be false.',
        {
          param: 'background',
        },
      );
    }
  }
  if (options.conversationId === undefined) return;
  if (!keeps) throw nothingIsKept('conversation');
  if (options.store === false) {
    throw new FlashmuxError('unsupported_value', 'A conversation keeps what is said in it, so store must not be false.', {
      param: 'store',
    });
  }
}
