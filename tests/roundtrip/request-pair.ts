import type { GenerateRequest } from '../../src/model/request.ts';
import type { Json } from '../../src/model/json.ts';
import type { Protocol } from '../../src/protocols/codec.ts';
import { judge, type Verdict } from './explanation.ts';
import { requestDifferences } from './request-differences.ts';
import { requestLosses } from './request-losses.ts';

/** A conversation as it comes in one protocol, written in another and read there, held against what it was. */
export function requestVerdict(from: Protocol, to: Protocol, conversation: GenerateRequest): Verdict {
  const came = from.server.readRequest(sent(from.client.writeRequest(conversation).body));
  const { body, notices } = to.client.writeRequest(came);
  const arrived = to.server.readRequest(sent(body));
  return judge(requestDifferences(came, arrived), notices, requestLosses[to.name] ?? []);
}

function sent(body: Json): Json {
  const received: Json = JSON.parse(JSON.stringify(body));
  return received;
}
