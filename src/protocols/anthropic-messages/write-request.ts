import type { JsonObject } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { withCarried } from '../wire/carried.ts';
import { wire } from '../wire/said.ts';
import { CacheMarks } from './cache-marks.ts';
import { Notices } from '../wire/notices.ts';
import { writeMessages } from './write-messages.ts';
import { noteUnsayable, writeConfig, writeLimit, writeThinking } from './write-options.ts';
import { writeTools } from './write-tools.ts';

/**
 * A request as the body of `POST /v1/messages`. Says what was said, and a limit, without which this wire has no request. What a certain host
 * calls otherwise, or refuses (Anthropic itself refuses thoughts without its signature), is changed afterwards by the provider's quirks.
 */
export function writeRequest(request: GenerateRequest): { readonly body: JsonObject; readonly notices: readonly Notice[] } {
  const notices = new Notices('anthropic-messages', 'Anthropic Messages have no');
  const { sampling, delivery } = request;
  const { tools: _, ...carried } = notices.own(request.carry, '');
  const { system, messages } = writeMessages(request.turns, { notices, marks: new CacheMarks(request, notices) });
  const maxTokens = writeLimit(request, notices);
  const written = wire({
    model: request.model,
    max_tokens: maxTokens,
    system,
    messages,
    ...writeTools(request, request.carry?.protocol === 'anthropic-messages' ? request.carry.fields : {}, notices),
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: sampling.topK,
    stop_sequences: sampling.stop,
    thinking: writeThinking(request.thinking, maxTokens, notices),
    output_config: writeConfig(request, notices),
    stream: delivery.kind === 'stream' ? true : delivery.said ? false : undefined,
  });
  noteUnsayable(request, notices);
  return { body: withCarried(written, carried), notices: notices.list };
}
