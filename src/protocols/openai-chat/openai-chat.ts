import type { Protocol } from '../codec.ts';
import { losses } from './losses.ts';
import { readAnswer } from './read-answer.ts';
import { readFault } from './read-fault.ts';
import { readRequest } from './read-request.ts';
import { streamReader } from './stream-reader.ts';
import { streamWriter } from './stream-writer.ts';
import { writeAnswer } from './write-answer.ts';
import { writeFault } from './write-fault.ts';
import { writeRequest } from './write-request.ts';

/**
 * OpenAI's chat completions as its descendants speak them: Alibaba's compatible mode, AI/ML API, EmpirioLabs, OpenRouter and vLLM. One
 * folder knows all their fields, because a client of one meets a server of another every day.
 */
export const openaiChat: Protocol = {
  name: 'openai-chat',
  losses,
  server: { readRequest, writeAnswer, streamWriter, writeFault },
  client: { writeRequest, readAnswer, streamReader, readFault },
};
