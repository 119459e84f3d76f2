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
 * OpenAI's Responses as its descendants speak them too: Alibaba's Responses face, EmpirioLabs (seed 002), OpenRouter and vLLM. What the
 * API around the codec does with stored responses is read by response-options.ts.
 */
export const openaiResponses: Protocol = {
  name: 'openai-responses',
  losses,
  server: { readRequest, writeAnswer, streamWriter, writeFault },
  client: { writeRequest, readAnswer, streamReader, readFault },
};
