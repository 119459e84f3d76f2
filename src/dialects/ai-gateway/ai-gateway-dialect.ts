import { FlashmuxError } from '../../model/fault.ts';
import { aiGateway } from '../../protocols/ai-gateway/ai-gateway.ts';
import { joinCall, versionHeader } from '../../protocols/ai-gateway/call-headers.ts';
import type { Specification } from '../../protocols/ai-gateway/specification.ts';
import type { Dialect, WireCall } from '../dialect.ts';
import { aiGatewayAbout } from './ai-gateway-about.ts';

/**
 * The gateway of the AI SDK under `/v3/ai` (`ai` 6) and `/v4/ai` (`ai` 7), where its clients have their base URL by default. The model and the wish
 * for a stream stand in headers; other headers of the client (protocol version, authentication method, team, telemetry) change nothing here.
 */
export function aiGatewayDialect(version: Specification): Dialect {
  const { server } = aiGateway(version);
  const prefix = `/v${version}/ai`;
  return {
    name: `ai-gateway-v${version}`,
    prefix,
    generatePaths: [`${prefix}/language-model`],
    readRequest(call) {
      refuseOtherVersion(call, version);
      return server.readRequest(joinCall(call.body, call.headers));
    },
    answers: server,
    stream: { contentType: 'text/event-stream; charset=utf-8', heartbeat: ': keep-alive\n\n' },
    status: (fault) => fault.row.status,
    writeFault: (fault, requestId) => server.writeFault(fault, requestId),
    rateLimitHeaders: 'openai',
    headers: () => ({}),
    about: aiGatewayAbout(version),
  };
}

/** Files and citations differ between the versions, so that a client of one would misread an answer of the other. */
function refuseOtherVersion({ headers }: WireCall, version: Specification): void {
  const told = headers[versionHeader];
  if (told === undefined || told === String(version)) return;
  const right = told === '3' || told === '4' ? ` Set the base URL to end in /v${told}/ai.` : ' There are 3 and 4.';
  throw new FlashmuxError(
    'invalid_request',
    `${versionHeader} is ${JSON.stringify(told)}; this path speaks version ${version}.${right}`,
    {
      param: versionHeader,
    },
  );
}
