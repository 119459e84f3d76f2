import type { Json, JsonObject } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { AnswerForm, GenerateRequest, Tool, ToolChoice } from '../../model/request.ts';
import { withCarried } from '../wire/carried.ts';
import { wire } from '../wire/said.ts';
import { modelHeader, streamingHeader } from './call-headers.ts';
import { Notices } from '../wire/notices.ts';
import { formName } from './read-options.ts';
import { writeAttribution, writeRouting } from './routing-options.ts';
import type { Specification } from './specification.ts';
import { writePrompt } from './write-prompt.ts';

/** A request as a call of the gateway protocol; `splitCall` takes the headers out. Says what was said and nothing more. */
export function writeRequest(
  request: GenerateRequest,
  version: Specification,
): { readonly body: JsonObject; readonly notices: readonly Notice[] } {
  const notices = new Notices('ai-gateway', 'The gateway protocol has no');
  const { sampling, limits, delivery } = request;
  noteUnsayable(request, notices);
  const written = wire({
    [modelHeader]: request.model,
    [streamingHeader]: delivery.kind === 'stream' ? 'true' : 'false',
    prompt: writePrompt(request.turns, { version, notices }),
    maxOutputTokens: limits.answerTokens,
    temperature: sampling.temperature,
    topP: sampling.topP,
    topK: sampling.topK,
    presencePenalty: sampling.presencePenalty,
    frequencyPenalty: sampling.frequencyPenalty,
    stopSequences: sampling.stop,
    seed: sampling.seed,
    responseFormat: writeForm(request.form),
    tools:
      request.tools.length === 0 ? undefined : request.tools.map((tool, index) => writeTool(tool, `tools[${index}]`, notices)),
    toolChoice: writeToolChoice(request.toolChoice, notices),
    reasoning: version === 4 ? request.thinking.effort : undefined,
    providerOptions: writeOptions(request, version, notices),
  });
  return { body: withCarried(written, notices.own(request.carry, '')), notices: notices.list };
}

function noteUnsayable({ answers, delivery, continues }: GenerateRequest, notices: Notices): void {
  if (continues !== undefined)
    notices.add('moved', 'prompt', 'The gateway protocol only chats; the text to continue is sent as a conversation.');
  if (answers !== undefined && answers > 1) notices.dropped('n', 'The gateway protocol has one answer a call.');
  if (delivery.kind === 'stream' && delivery.carry !== undefined) {
    notices.dropped('stream_options', 'The gateway protocol has no options of a stream.');
  }
}

function writeForm(form: AnswerForm): JsonObject | undefined {
  switch (form.kind) {
    case 'unsaid':
      return undefined;
    case 'plain':
      return { type: 'text' };
    case 'json':
      return { type: 'json' };
    case 'schema': {
      const { name, description, schema } = form;
      const isUnnamed = name === formName && schema !== undefined;
      return wire({ type: 'json', schema, name: isUnnamed ? undefined : name, description });
    }
  }
}

/** Every tool has a schema here. */
const noParameters: JsonObject = { type: 'object', properties: {} };

function writeTool(tool: Tool, path: string, notices: Notices): JsonObject {
  const { name, description, parameters, strict } = tool;
  const written = wire({ type: 'function', name, description, inputSchema: parameters ?? noParameters, strict });
  return withCarried(written, notices.own(tool.carry, path));
}

function writeToolChoice(choice: ToolChoice | undefined, notices: Notices): Json | undefined {
  switch (choice?.kind) {
    case undefined:
      return undefined;
    case 'auto':
    case 'none':
    case 'required':
      return { type: choice.kind };
    case 'function':
      return { type: 'tool', toolName: choice.name };
    case 'opaque':
      notices.dropped('tool_choice', 'The gateway protocol has no form for this choice of tools.');
      return undefined;
  }
}

function writeOptions(request: GenerateRequest, version: Specification, notices: Notices): JsonObject | undefined {
  const { thinking, parallelToolCalls } = request;
  const alibaba = wire({
    enableThinking: thinking.kind === 'unsaid' ? undefined : thinking.kind === 'on',
    thinkingBudget: thinking.budgetTokens,
    preserveThinking: thinking.preserve,
    parallelToolCalls,
  });
  const flashmux = wire({
    ...samplingWords(request),
    ...wishWords(request),
    reasoningEffort: version === 3 ? thinking.effort : undefined,
    audio: writeAudio(request, notices),
  });
  const gateway = { ...writeRouting(request.routing, notices), ...writeAttribution(request.attribution) };
  const vendors = Object.entries({ gateway, alibaba, flashmux }).filter(([, words]) => Object.keys(words).length > 0);
  return vendors.length === 0 ? undefined : Object.fromEntries(vendors);
}

function samplingWords({ sampling, limits, form, logprobs }: GenerateRequest): Record<string, Json | undefined> {
  return {
    minP: sampling.minP,
    repetitionPenalty: sampling.repetitionPenalty,
    logitBias: sampling.logitBias,
    maxCompletionTokens: limits.completionTokens,
    strict: form.kind === 'schema' ? form.strict : undefined,
    logprobs: logprobs?.wanted,
    topLogprobs: logprobs?.top,
  };
}

function wishWords({
  prediction,
  modalities,
  vision,
  serverTools,
  plainCitations,
}: GenerateRequest): Record<string, Json | undefined> {
  return {
    prediction,
    modalities,
    highResolutionImages: vision?.highResolutionImages,
    maxPixels: vision?.maxPixels,
    videoFps: vision?.framesPerSecond,
    imagesAsVideo: vision?.imagesAsVideo,
    webSearch: serverTools?.web_search,
    webExtractor: serverTools?.web_extractor,
    codeInterpreter: serverTools?.code_interpreter,
    webSearchImage: serverTools?.web_search_image,
    imageSearch: serverTools?.image_search,
    plainCitations,
  };
}

function writeAudio({ audio }: GenerateRequest, notices: Notices): JsonObject | undefined {
  if (audio === undefined) return undefined;
  return withCarried({ format: audio.format, voice: audio.voice }, notices.own(audio.carry, 'audio'));
}
