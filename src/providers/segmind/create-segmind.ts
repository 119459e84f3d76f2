import type { Provider } from '../../model/ports.ts';
import { segmind } from '../../protocols/segmind/segmind.ts';
import { createHttpHost } from '../http-host/create-http-host.ts';
import type { HostProtocol } from '../http-host/host-protocol.ts';
import type { HttpHostOptions } from '../http-host/host-sender.ts';
import type { Quirks } from '../quirks.ts';
import { writeSegmindCall } from './write-segmind-call.ts';

export interface SegmindOptions extends HttpHostOptions {
  /** What its chat body differs in; the path, the key and the statuses are Segmind's own in any case. */
  readonly quirks: Quirks;
}

/**
 * A provider that speaks as Segmind does: chat completions under a path for each model, the key in `x-api-key`, 406 where the
 * account has no credit, and messages whose content is a string (seeds 000 and 001).
 */
export function createSegmind({ quirks, ...options }: SegmindOptions): Provider {
  return createHttpHost(options, segmindHost(quirks));
}

function segmindHost(quirks: Quirks): HostProtocol {
  return {
    client: segmind.client,
    streams: quirks.streams,
    inlineThink: quirks.inlineThink,
    headers: {},
    authorize: (key) => ({ 'x-api-key': key }),
    write: (request) => writeSegmindCall(request, quirks),
    isLast: ({ data }) => data.trim() === '[DONE]',
    ownStatuses: { 406: 402 },
  };
}
