import type { Loss } from '../codec.ts';
import { losses as chatLosses } from '../openai-chat/losses.ts';

/** The wire is that of chat completions but for the place of the model, and cannot say what those cannot. */
export const losses: readonly Loss[] = chatLosses;
