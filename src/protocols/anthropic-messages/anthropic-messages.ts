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
 * Anthropic's Messages, as Anthropic speaks them and as their descendants do (Alibaba's face of Model Studio, and flashmux itself). Both
 * `anthropic-version`s are read: the older one still has temperature, top_p and top_k in its clients' types, the bodies are the same.
 */
export const anthropicMessages: Protocol = {
  name: 'anthropic-messages',
  losses,
  server: { readRequest, writeAnswer, streamWriter, writeFault },
  client: { writeRequest, readAnswer, streamReader, readFault },
};
