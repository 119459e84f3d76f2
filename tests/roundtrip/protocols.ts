import type { Protocol } from '../../src/protocols/codec.ts';
import { aiGateway } from '../../src/protocols/ai-gateway/ai-gateway.ts';
import { anthropicMessages } from '../../src/protocols/anthropic-messages/anthropic-messages.ts';
import { openaiChat } from '../../src/protocols/openai-chat/openai-chat.ts';
import { openaiResponses } from '../../src/protocols/openai-responses/openai-responses.ts';

/** The wires of the matrix. Segmind's is that of chat completions, in requests and answers, so its row and column are those. */
export const wires: readonly Protocol[] = [openaiChat, openaiResponses, anthropicMessages, aiGateway(4)];

/** Every ordered pair of different wires. */
export const pairs: readonly (readonly [Protocol, Protocol])[] = wires.flatMap((from) =>
  wires.filter((to) => to !== from).map((to) => [from, to] as const),
);
