import { isJsonObject, parseJson } from '../../model/json.ts';
import type { Seal } from '../../model/part.ts';
import type { ProtocolName } from '../../model/protocol.ts';

/*
 * Every thinking block has a signature, and clients send back the one they got: @ai-sdk/anthropic leaves a thought out of the next request
 * where it heard of none. So a thought without proof gets a mark of our own instead, and the proof of another protocol travels inside the
 * signature until the host that made it can read it again.
 */

const unsigned = 'flashmux.unsigned';
const foreignSeal = 'flashmux.seal/';

const protocols: readonly ProtocolName[] = ['openai-chat', 'openai-responses', 'anthropic-messages', 'ai-gateway', 'segmind'];

/** The seal of a thinking block, or undefined where nobody signed it: our own mark, or the empty text that Alibaba sends. */
export function readSignature(signature: string): Seal | undefined {
  if (signature === '' || signature === unsigned) return undefined;
  return unpacked(signature) ?? { protocol: 'anthropic-messages', value: signature };
}

export function writeSignature(seal: Seal | undefined): string {
  if (seal === undefined) return unsigned;
  const own = seal.protocol === 'anthropic-messages' ? seal.value : undefined;
  return typeof own === 'string' && !own.startsWith('flashmux.') && own !== '' ? own : packed(seal);
}

/** The seal of a `redacted_thinking` block: a thought that is nothing but its proof. */
export function redactedSeal(data: string): Seal {
  return { protocol: 'anthropic-messages', value: { data } };
}

/** The `data` of a `redacted_thinking` block, or undefined where the seal is none. */
export function redactedData(seal: Seal | undefined): string | undefined {
  if (seal?.protocol !== 'anthropic-messages' || !isJsonObject(seal.value)) return undefined;
  const { data, ...rest } = seal.value;
  return typeof data === 'string' && Object.keys(rest).length === 0 ? data : undefined;
}

function packed({ protocol, value }: Seal): string {
  return `${foreignSeal}${protocol}/${Buffer.from(JSON.stringify(value)).toString('base64')}`;
}

function unpacked(signature: string): Seal | undefined {
  if (!signature.startsWith(foreignSeal)) return undefined;
  const rest = signature.slice(foreignSeal.length);
  const slash = rest.indexOf('/');
  const protocol = protocols.find((known) => known === rest.slice(0, slash));
  const value = parseJson(Buffer.from(rest.slice(slash + 1), 'base64').toString());
  return protocol === undefined || value === undefined ? undefined : { protocol, value };
}
