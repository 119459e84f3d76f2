import type { Json, JsonObject } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { AnswerForm, AudioWish, Delivery, GenerateRequest, Thinking, Tool, ToolChoice } from '../../model/request.ts';
import { withCarried } from '../wire/carried.ts';
import { Notices } from '../wire/notices.ts';
import { wire } from '../wire/said.ts';
import { writeMessages } from './write-messages.ts';

/**
 * A request as the body of `POST /chat/completions`. Says what was said and nothing more; what a certain host calls otherwise is
 * changed afterwards by the provider's quirks.
 */
export function writeRequest(request: GenerateRequest): { readonly body: JsonObject; readonly notices: readonly Notice[] } {
  const notices = new Notices('openai-chat', 'Chat completions have no');
  const { sampling, limits } = request;
  const written = wire({
    model: request.model,
    messages: writeMessages(request.turns, notices),
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: sampling.topK,
    min_p: sampling.minP,
    frequency_penalty: sampling.frequencyPenalty,
    presence_penalty: sampling.presencePenalty,
    repetition_penalty: sampling.repetitionPenalty,
    seed: sampling.seed,
    stop: sampling.stop,
    logit_bias: sampling.logitBias,
    max_tokens: limits.answerTokens,
    max_completion_tokens: limits.completionTokens,
    n: request.answers,
    logprobs: request.logprobs?.wanted,
    top_logprobs: request.logprobs?.top,
    ...writeTools(request, notices),
    response_format: writeForm(request.form),
    modalities: request.modalities,
    audio: request.audio === undefined ? undefined : writeAudio(request.audio, notices),
    prediction: request.prediction === undefined ? undefined : { type: 'content', content: request.prediction },
    ...writeThinking(request.thinking),
    ...writeVision(request),
    ...writeServerTools(request),
    disable_formatting: request.plainCitations,
    ...writeDelivery(request.delivery, notices),
  });
  const body = withCarried(written, notices.own(request.carry, ''));
  return { body, notices: notices.list };
}

function writeTools(request: GenerateRequest, notices: Notices): Record<string, Json | undefined> {
  const { tools, toolChoice } = request;
  return {
    tools: tools.length === 0 ? undefined : tools.map((tool, index) => writeTool(tool, `tools[${index}]`, notices)),
    tool_choice: toolChoice === undefined ? undefined : writeToolChoice(toolChoice),
    parallel_tool_calls: request.parallelToolCalls,
  };
}

function writeTool(tool: Tool, path: string, notices: Notices): JsonObject {
  const inner = wire({ name: tool.name, description: tool.description, parameters: tool.parameters, strict: tool.strict });
  return withCarried({ type: 'function', function: inner }, notices.own(tool.carry, path));
}

function writeToolChoice(choice: ToolChoice): Json {
  switch (choice.kind) {
    case 'auto':
    case 'none':
    case 'required':
      return choice.kind;
    case 'function':
      return { type: 'function', function: { name: choice.name } };
    case 'opaque':
      return choice.value;
  }
}

function writeForm(form: AnswerForm): JsonObject | undefined {
  switch (form.kind) {
    case 'unsaid':
      return undefined;
    case 'plain':
      return { type: 'text' };
    case 'json':
      return { type: 'json_object' };
    case 'schema': {
      const { name, description, schema, strict } = form;
      return { type: 'json_schema', json_schema: wire({ name, description, schema, strict }) };
    }
  }
}

function writeAudio(audio: AudioWish, notices: Notices): JsonObject {
  return withCarried({ format: audio.format, voice: audio.voice }, notices.own(audio.carry, 'audio'));
}

function writeThinking(thinking: Thinking): Record<string, Json | undefined> {
  return {
    enable_thinking: thinking.kind === 'unsaid' ? undefined : thinking.kind === 'on',
    thinking_budget: thinking.budgetTokens,
    reasoning_effort: thinking.effort,
    preserve_thinking: thinking.preserve,
  };
}

function writeVision(request: GenerateRequest): Record<string, Json | undefined> {
  return {
    vl_high_resolution_images: request.vision?.highResolutionImages,
    max_pixels: request.vision?.maxPixels,
    video_fps: request.vision?.framesPerSecond,
    treat_images_as_video: request.vision?.imagesAsVideo,
  };
}

function writeServerTools(request: GenerateRequest): Record<string, Json | undefined> {
  return {
    tool_web_search: request.serverTools?.web_search,
    tool_web_extractor: request.serverTools?.web_extractor,
    tool_code_interpreter: request.serverTools?.code_interpreter,
    tool_web_search_image: request.serverTools?.web_search_image,
    tool_image_search: request.serverTools?.image_search,
  };
}

function writeDelivery(delivery: Delivery, notices: Notices): Record<string, Json | undefined> {
  if (delivery.kind === 'whole') return { stream: delivery.said ? false : undefined };
  const options = withCarried(wire({ include_usage: delivery.usage }), notices.own(delivery.carry, 'stream_options'));
  return { stream: true, stream_options: Object.keys(options).length === 0 ? undefined : options };
}
