import { parseJson } from '../../model/json.ts';
import type { Json } from '../../model/json.ts';
import type { Seal } from '../../model/part.ts';
import type { ProtocolName } from '../../model/protocol.ts';

/*
 * `encrypted_content` of a reasoning item is text that only its host can read. A seal of another protocol travels in it under a prefix of
 * our own, so that a caller who sends the conversation back returns it to the host that made it.
 */

const foreignSeal = 'flashmux.seal/';

const protocols: readonly ProtocolName[] = ['openai-chat', 'openai-responses', 'anthropic-messages', 'ai-gateway', 'segmind'];

export function readSeal(encrypted: string): Seal {
  const head = protocols.find((protocol) => encrypted.startsWith(`${foreignSeal}${protocol}/`));
  const value = head === undefined ? undefined : parseJson(encrypted.slice(foreignSeal.length + head.length + 1));
  return head === undefined || value === undefined
    ? { protocol: 'openai-responses', value: encrypted }
    : { protocol: head, value };
}

export function writeSeal({ protocol, value }: Seal): string {
  return isPlain(protocol, value) ? value : `${foreignSeal}${protocol}/${JSON.stringify(value)}`;
}

/** Text of our own protocol goes as it is, unless it would be taken for a seal under the prefix. */
function isPlain(protocol: ProtocolName, value: Json): value is string {
  return protocol === 'openai-responses' && typeof value === 'string' && !value.startsWith(foreignSeal);
}
