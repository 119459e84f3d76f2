import type { Protocol } from '../codec.ts';
import { losses } from './losses.ts';
import { readAnswer } from './read-answer.ts';
import { readFault } from './read-fault.ts';
import { readRequest } from './read-request.ts';
import type { Specification } from './specification.ts';
import { streamReader } from './stream-reader.ts';
import { streamWriter } from './stream-writer.ts';
import { writeAnswer } from './write-answer.ts';
import { writeFault } from './write-fault.ts';
import { writeRequest } from './write-request.ts';

/**
 * The protocol between the AI SDK's gateway provider and its gateway: the call options of a language model as JSON, and its result or the
 * parts of its stream. Both specifications are read alike; what is written differs in files, citations and the effort of thinking.
 */
export function aiGateway(version: Specification): Protocol {
  return {
    name: 'ai-gateway',
    losses,
    server: {
      readRequest,
      writeAnswer: (answer, envelope, request) => writeAnswer(answer, envelope, version, request),
      streamWriter: (envelope, request) => streamWriter(envelope, request, version),
      writeFault,
    },
    client: {
      writeRequest: (request) => writeRequest(request, version),
      readAnswer,
      streamReader,
      readFault,
    },
  };
}
