import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Seal } from '../../model/part.ts';
import type { ProtocolName } from '../../model/protocol.ts';

/*
 * A thought's proof is whatever its vendor put into the metadata (`anthropic: {signature}`). Clients send it back as they got it, so a seal
 * of this protocol is that object, and the seal of another protocol travels under `flashmux` until the host that made it can read it again.
 */

const protocols: readonly ProtocolName[] = ['openai-chat', 'openai-responses', 'anthropic-messages', 'ai-gateway', 'segmind'];

/** The value under `flashmux.seal`. Undefined where it was not written here. */
export function readSeal(told: JsonObject): Seal | undefined {
  const { protocol, value } = told;
  const name = protocols.find((known) => known === protocol);
  return name === undefined || value === undefined ? undefined : { protocol: name, value };
}

export function sealOfRest(rest: JsonObject | undefined): Seal | undefined {
  return rest === undefined ? undefined : { protocol: 'ai-gateway', value: rest };
}

/** The metadata of a sealed thought: the vendors' own object, or ours around the seal of another protocol. */
export function writeSeal(seal: Seal | undefined): { readonly rest?: JsonObject; readonly told?: Json } {
  if (seal === undefined) return {};
  const { protocol, value } = seal;
  return protocol === 'ai-gateway' && isJsonObject(value) ? { rest: value } : { told: { protocol, value } };
}
