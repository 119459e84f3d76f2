import type { Access, Caller } from '../access/access.ts';
import type { RequestLimiter } from '../access/request-limiter.ts';
import { asFault, FlashmuxError } from '../model/fault.ts';
import type { LedgerRecords } from '../ledger/ledger-records.ts';
import { availableOf } from '../ledger/balance.ts';
import type { Incoming } from './incoming.ts';
import { presentedKey } from './presented-key.ts';
import { remainingCredits, type CreditDisplay } from './remaining-credits.ts';
import { sendFault } from './reply.ts';
import type { Route } from './route.ts';
import { pathOf, type Router } from './router.ts';

export interface AnswerDeps extends CreditDisplay {
  readonly records: Pick<LedgerRecords, 'account'>;
  readonly router: Router<Route>;
  readonly access: Access;
  readonly limiter: RequestLimiter;
  readonly ticks: () => number;
  readonly isDraining: () => boolean;
  readonly onBug: (incoming: Incoming, fault: FlashmuxError) => void;
}

/** Answers one request, whatever it is: a route's own answer, or a fault in the dialect of its path. */
export async function answerRequest(incoming: Incoming, deps: AnswerDeps): Promise<void> {
  try {
    await route(incoming, deps);
  } catch (error) {
    // What is thrown because a request was ended early is told as the reason of its end.
    const fault = incoming.abortedWith ?? asFault(error);
    if (fault.code === 'internal') deps.onBug(incoming, fault);
    // After the head nothing can be told any more; a cut connection is at least no answer that looks complete.
    if (incoming.response.headersSent) incoming.request.socket.destroy();
    else await sendFault(incoming, fault);
  }
}

/** The order matters: nothing of a body is read before its route and its caller are known. */
async function route(incoming: Incoming, deps: AnswerDeps): Promise<void> {
  const { router, access, records, isDraining } = deps;
  const { request } = incoming;
  if (isDraining()) {
    incoming.closing = true;
    throw shuttingDown();
  }
  // Node's own check would answer without the headers that every reply has.
  if (request.headers.host === undefined && request.httpVersion === '1.1') {
    incoming.closing = true;
    throw new FlashmuxError('invalid_request', 'The header "host" is missing. HTTP/1.1 requires it.');
  }
  const method = request.method ?? '';
  const path = pathOf(request.url ?? '');
  const match = path === undefined ? ({ kind: 'unknown', nearby: [] } as const) : router.match(method, path);
  switch (match.kind) {
    case 'unknown':
      throw new FlashmuxError('unknown_route', unknownText(method, path ?? request.url ?? '', match.nearby));
    case 'wrong-method': {
      const allow = match.allow.join(', ');
      const fault = new FlashmuxError('wrong_method', `${method} is not offered here. Use ${allow}.`);
      return sendFault(incoming, fault, { allow });
    }
    case 'found': {
      incoming.record.route = match.route.path;
      const visit = { incoming, parameters: match.parameters };
      if (match.route.key === 'none') return match.route.answer(visit);
      const caller = await access.authenticate(presentedKey(request.rawHeaders));
      incoming.record.keyId = caller.keyId;
      countRequest(incoming, caller, match.route, deps);
      // Calls that generate learn it from the ledger on their way, without a question more.
      if (match.route.method === 'GET') {
        incoming.remainingCredits = remainingCredits(availableOf(await records.account(caller.accountId)), deps);
      }
      return match.route.answer({ ...visit, caller });
    }
  }
}

/** Calls count, look-ups do not: a caller over its limit can still see where it stands. */
function countRequest(incoming: Incoming, caller: Caller, { method }: Route, { limiter, ticks }: AnswerDeps): void {
  const allowance = method === 'GET' ? limiter.look(caller, ticks()) : limiter.take(caller, ticks());
  incoming.allowance = allowance;
  if (allowance?.retryMs === undefined) return;
  const seconds = Math.ceil(allowance.retryMs / 1000);
  throw new FlashmuxError(
    'rate_limited',
    `This key may make ${allowance.limit} requests in a minute, and has. Try again in ${seconds} s.`,
    { retryAfterSeconds: seconds },
  );
}

export function shuttingDown(): FlashmuxError {
  return new FlashmuxError('shutting_down', 'The server is shutting down. Try again in a moment.', { retryAfterSeconds: 1 });
}

function unknownText(method: string, path: string, nearby: readonly string[]): string {
  const shown = path.length > 200 ? `${path.slice(0, 200)}...` : path;
  const hint = nearby.length === 0 ? '' : ` There is: ${nearby.join(', ')}.`;
  return `There is no route "${method} ${shown}".${hint}`;
}
