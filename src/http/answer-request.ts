import { asFault, FlashmuxError } from '../model/fault.ts';
import type { Incoming } from './incoming.ts';
import { sendFault } from './reply.ts';
import type { Visit } from './route.ts';
import { pathOf, type Routable, type Router } from './router.ts';

export interface AnswerDeps<Offered extends Routable> {
  readonly router: Router<Offered>;
  /** Answers a request to a route, or refuses whoever sent it. */
  readonly visit: (route: Offered, visit: Visit) => Promise<void>;
  /** Throws the fault of a request that is refused whatever it asks for. Absent: there is none. */
  readonly check?: (incoming: Incoming) => void;
  readonly isDraining: () => boolean;
  readonly onBug: (incoming: Incoming, fault: FlashmuxError) => void;
}

/** Answers one request, whatever it is: a route's own answer, or a fault in the dialect of its path. */
export async function answerRequest<Offered extends Routable>(incoming: Incoming, deps: AnswerDeps<Offered>): Promise<void> {
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
async function route<Offered extends Routable>(incoming: Incoming, deps: AnswerDeps<Offered>): Promise<void> {
  const { router, visit, check, isDraining } = deps;
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
  check?.(incoming);
  const method = request.method ?? '';
  const path = pathOf(request.url ?? '');
  const match = path === undefined ? ({ kind: 'unknown', nearby: [] } as const) : router.match(method, path);
  switch (match.kind) {
    case 'unknown':
      throw new FlashmuxError('unknown_route', unknownText(method, path ?? request.url ?? '', match.nearby));
    case 'wrong-method': {
      if (match.dialect !== undefined) incoming.dialect = match.dialect;
      const allow = match.allow.join(', ');
      const fault = new FlashmuxError('wrong_method', `${method} is not offered here. Use ${allow}.`);
      return sendFault(incoming, fault, { allow });
    }
    case 'found':
      incoming.record.route = match.route.path;
      if (match.route.dialect !== undefined) incoming.dialect = match.route.dialect;
      return visit(match.route, { incoming, parameters: match.parameters });
  }
}

export function shuttingDown(): FlashmuxError {
  return new FlashmuxError('shutting_down', 'The server is shutting down. Try again in a moment.', { retryAfterSeconds: 1 });
}

function unknownText(method: string, path: string, nearby: readonly string[]): string {
  const shown = path.length > 200 ? `${path.slice(0, 200)}...` : path;
  const hint = nearby.length === 0 ? '' : ` There is: ${nearby.join(', ')}.`;
  return `There is no route "${method} ${shown}".${hint}`;
}
