import type { Part } from './part.ts';
import type { Carry } from './protocol.ts';

export type Role = 'system' | 'developer' | 'user' | 'assistant' | 'tool';

/** One message of a conversation. */
export interface Turn {
  readonly role: Role;
  readonly parts: readonly Part[];
  /** The participant's name, where the caller gave one. */
  readonly name?: string;
  readonly carry?: Carry;
}
