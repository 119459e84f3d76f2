import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { Envelope, StreamWriter } from '../../protocols/codec.ts';
import { openaiResponses } from '../../protocols/openai-responses/openai-responses.ts';
import { readResponseOptions, responseEcho, withoutStoredOptions } from '../../protocols/openai-responses/response-options.ts';
import type { ResponseOptions } from '../../protocols/openai-responses/response-options.ts';
import { streamWriter } from '../../protocols/openai-responses/stream-writer.ts';
import { writeAnswer } from '../../protocols/openai-responses/write-answer.ts';
import type { Dialect } from '../dialect.ts';
import { sealedThoughts, ThoughtSealer, unsealed } from './own-seals.ts';

/** What a body says to the API around the model, and what remains of it for the model. */
export interface ResponseCall {
  readonly options: ResponseOptions;
  readonly body: JsonObject;
}

const sealsInclude = 'reasoning.encrypted_content';

/** Throws FlashmuxError (400) with the path of the first option that is wrong. */
export function readResponseCall(body: Json): ResponseCall {
  const options = readResponseOptions(body);
  const request = isJsonObject(body) ? body : {};
  if (request['prompt'] !== undefined && request['prompt'] !== null) {
    throw new FlashmuxError('unsupported_value', 'There are no stored prompts on this server. Send instructions and input.', {
      param: 'prompt',
    });
  }
  // What is done here is not asked of the model's host again: it would be told as a wish that was left out.
  const { truncation: _, include, ...rest } = withoutStoredOptions(request);
  const others = Array.isArray(include) ? include.filter((value) => value !== sealsInclude) : include;
  return { options, body: others === undefined ? rest : { ...rest, include: others } };
}

/** The call as the model gets it, with what came `before` its `own` items. Refusals name the path in the caller's own input. */
export function requestOf({ body }: ResponseCall, before: readonly Json[], own: readonly Json[]): GenerateRequest {
  if (before.length === 0 && typeof body['input'] === 'string') return openaiResponses.server.readRequest(body);
  const items = [...before, ...own].map(unsealed);
  try {
    return openaiResponses.server.readRequest(items.length === 0 ? body : { ...body, input: items });
  } catch (error) {
    throw FlashmuxError.is(error) ? inOwnInput(error, before.length) : error;
  }
}

/** Everything before the caller's own items is counted off the path. */
function inOwnInput(fault: FlashmuxError, before: number): FlashmuxError {
  const path = /^input\[(\d+)\]/.exec(fault.param ?? '');
  if (before === 0 || path === null || fault.param === undefined) return fault;
  const place = Number(path[1]) - before;
  const own = place < 0 ? 'previous_response_id' : `input[${place}]`;
  const param = place < 0 ? own : fault.param.replace(path[0], own);
  return new FlashmuxError(fault.code, fault.message.replaceAll(path[0], own), { param, cause: fault });
}

/** How the response of a call is written: with what it repeats of the options, and with seals where they were asked for. */
export function responseAnswers({ options }: ResponseCall, store: boolean): Dialect['answers'] {
  const echo = { ...responseEcho(options), store };
  const withSeals = options.include?.includes(sealsInclude) === true;
  return {
    writeAnswer: (answer, envelope, request) => writeAnswer(withSeals ? sealedThoughts(answer) : answer, envelope, request, echo),
    streamWriter: (envelope, request) => {
      const writer = streamWriter(envelope, request, echo);
      return withSeals ? sealing(writer) : writer;
    },
  };
}

function sealing(writer: StreamWriter): StreamWriter {
  const sealer = new ThoughtSealer();
  return { ...writer, write: (batch) => writer.write(sealer.seal(batch)) };
}

/** A response that has not begun yet, or that came to nothing. */
export function emptyResponse(call: ResponseCall, envelope: Envelope, request: GenerateRequest, state: JsonObject): JsonObject {
  const empty = { choices: [], notices: [], carried: [] };
  const written = responseAnswers(call, true).writeAnswer(empty, envelope, request);
  return { ...written, ...state };
}

/** The JSON of each event in text that the stream writer wrote: one frame an event, its data on one line. */
export function eventTexts(frames: string): readonly string[] {
  return frames.split('\n').flatMap((line) => (line.startsWith('data: ') ? [line.slice('data: '.length)] : []));
}

/** The frame of one event's JSON, as the stream writer wrote it. */
export function eventFrame(text: string): string {
  const type = /^\{"type":"([a-z_.]+)"/.exec(text)?.[1] ?? 'message';
  return `event: ${type}\ndata: ${text}\n\n`;
}
