import type { JsonObject } from './json.ts';

/** The wire languages. Each has one folder under protocols/. */
export type ProtocolName = 'openai-chat' | 'openai-responses' | 'anthropic-messages' | 'ai-gateway' | 'segmind';

/**
 * Fields that a protocol reader met and has no word for. They go back only to the protocol they came from, at the place
 * they came from, so that nothing a caller or an upstream said disappears in silence.
 */
export interface Carry {
  readonly protocol: ProtocolName;
  readonly fields: JsonObject;
}

/** The carried fields as this protocol may write them: none when they came from another one. */
export function carriedFields(carry: Carry | undefined, protocol: ProtocolName): JsonObject {
  return carry?.protocol === protocol ? carry.fields : {};
}
