import type { Protocol } from '../codec.ts';
import { openaiChat } from '../openai-chat/openai-chat.ts';
import { losses } from './losses.ts';
import { readRequest } from './read-request.ts';
import { writeFault } from './write-fault.ts';

/**
 * Segmind's language models: chat completions with the model in the path, statuses of its own (the fault table has them) and an image
 * parameter. What this wire carries therefore belongs to the chat protocol, and upstreams of that one get it back.
 */
export const segmind: Protocol = {
  name: 'segmind',
  losses,
  server: { ...openaiChat.server, readRequest, writeFault },
  client: openaiChat.client,
};
