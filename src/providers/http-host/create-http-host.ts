import { FlashmuxError } from '../../model/fault.ts';
import { parseJson } from '../../model/json.ts';
import type { Provider } from '../../model/ports.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { withDeadlines } from '../with-deadlines.ts';
import { HostAnswer } from './host-answer.ts';
import type { Counting, HostProtocol } from './host-protocol.ts';
import { HostSender, type HttpHostOptions } from './host-sender.ts';
import { jsonBytes } from './json-bytes.ts';
import { KeyTrial } from './key-trial.ts';
import { readText } from './read-text.ts';
import { attributed } from './upstream-fault.ts';

/** A provider behind HTTP, whichever wire language it speaks. */
export function createHttpHost(options: HttpHostOptions, protocol: HostProtocol): Provider {
  const { name, cancellable } = options;
  const sender = new HostSender(options, protocol);
  const { counting } = protocol;
  return {
    name,
    cancellable,
    run: (attempt, signal) => {
      // Silence is watched by the transport, chunk by chunk: keep-alive comments make no events and are no silence.
      const { firstEventMs, totalMs } = attempt.deadlines;
      const watched = { provider: name, deadlines: { firstEventMs, totalMs } };
      return withDeadlines(watched, signal, (inner) => ({
        [Symbol.asyncIterator]: () => new HostAnswer({ host: options, protocol, sender, attempt, signal: inner }),
      }));
    },
    ...(counting === undefined
      ? {}
      : { countInput: (request: GenerateRequest, signal: AbortSignal) => count({ options, counting, sender }, request, signal) }),
  };
}

const maxCountBytes = 64 * 1024;
/** A count runs no model. */
const countDeadlines = { firstEventMs: 15_000, idleMs: 5_000 };

interface CountingHost {
  readonly options: HttpHostOptions;
  readonly counting: Counting;
  readonly sender: HostSender;
}

async function count(
  { options, counting, sender }: CountingHost,
  request: GenerateRequest,
  signal: AbortSignal,
): Promise<number> {
  const { path, body } = counting.write(request);
  const message = { path, body: jsonBytes(body), deadlines: countDeadlines };
  const keys = new KeyTrial(options.keys, undefined);
  for (;;) {
    try {
      const answer = await sender.send(message, keys, signal);
      const tokens = counting.read(parseJson(await readText(answer.body, maxCountBytes)) ?? null);
      if (tokens !== undefined) return tokens;
      throw new FlashmuxError('upstream_failed', `Provider "${options.name}" answered a count without a number.`);
    } catch (error) {
      if (!keys.goOn(error)) throw attributed(error, options.name);
    }
  }
}
