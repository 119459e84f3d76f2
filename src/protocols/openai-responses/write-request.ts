import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { AnswerForm, GenerateRequest, Thinking, Tool, ToolChoice } from '../../model/request.ts';
import type { Turn } from '../../model/turn.ts';
import { withCarried } from '../wire/carried.ts';
import { isArray } from '../wire/fields.ts';
import { wire } from '../wire/said.ts';
import { Notices } from '../wire/notices.ts';
import { logprobsInclude } from './read-request.ts';
import { serverToolNames, serverToolOf } from './server-tool-types.ts';
import { writeItems } from './write-items.ts';
import type { PlacedTurn } from './placed.ts';

/**
 * A request as the body of `POST /responses`. Says what was said and nothing more; what a certain host calls otherwise, or does not take,
 * is changed afterwards by the provider's quirks.
 */
export function writeRequest(request: GenerateRequest): { readonly body: JsonObject; readonly notices: readonly Notice[] } {
  const notices = new Notices('openai-responses', 'Responses have no');
  const input = writeInput(request.turns, notices);
  noteUnsayable(request, notices);
  const body = { model: request.model, ...input, ...writeOptions(request, notices), ...writeDelivery(request, notices) };
  return { body, notices: notices.list };
}

/** All but what is said to the model: what a response object repeats of its request. */
export function writeOptions(request: GenerateRequest, notices: Notices): JsonObject {
  const { sampling, limits, logprobs } = request;
  const { include: includes, tools: builtIn, ...carried } = notices.own(request.carry, '');
  const include = [...(isArray(includes) ? includes : []), ...(logprobs?.wanted === true ? [logprobsInclude] : [])];
  const { answerTokens, completionTokens = answerTokens } = limits;
  const written = wire({
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
    max_output_tokens: completionTokens,
    include: include.length === 0 ? undefined : include,
    top_logprobs: logprobs?.top,
    ...writeTools(request, isJsonObject(builtIn) ? builtIn : {}, notices),
    tool_choice: request.toolChoice === undefined ? undefined : writeToolChoice(request.toolChoice, notices),
    parallel_tool_calls: request.parallelToolCalls,
    text: writeText(request.form),
    reasoning: writeThinking(request.thinking),
    preserve_thinking: request.thinking.preserve,
    vl_high_resolution_images: request.vision?.highResolutionImages,
    max_pixels: request.vision?.maxPixels,
    video_fps: request.vision?.framesPerSecond,
    treat_images_as_video: request.vision?.imagesAsVideo,
    disable_formatting: request.plainCitations,
  });
  return withCarried(written, carried);
}

/** What this wire has no word for at all. */
function noteUnsayable({ limits, answers, modalities, audio, prediction, logprobs }: GenerateRequest, notices: Notices): void {
  if (limits.answerTokens !== undefined) {
    const outcome = limits.completionTokens === undefined ? 'moved' : 'dropped';
    notices.add(outcome, 'max_tokens', 'Responses limit the answer and its thinking together, in max_output_tokens.');
  }
  if (answers !== undefined && answers > 1) notices.dropped('n', 'Responses hold one answer.');
  if (modalities?.includes('audio') === true || audio !== undefined) notices.dropped('audio', 'Responses hold no sound.');
  if (prediction !== undefined) notices.dropped('prediction', 'Responses have no predicted output.');
  if (logprobs?.wanted === false && logprobs.top !== undefined) {
    notices.dropped('top_logprobs', 'Responses have no number of alternatives without log probabilities.');
  }
}

/** A first message of the system that is plain text becomes `instructions`, as long as there is another item to answer. */
function writeInput(turns: readonly Turn[], notices: Notices): JsonObject {
  const written = writeItems(
    turns.map((turn, index): PlacedTurn => ({ turn, path: `messages[${index}]` })),
    notices,
  );
  const [first, ...others] = written;
  const instructions = others.length === 0 ? undefined : plainContent(first, 'system');
  const items = instructions === undefined ? written : others;
  const input = items.length === 1 ? (plainContent(items[0], 'user') ?? items) : items;
  return wire({ instructions, input });
}

/** The text of a message that says nothing else. */
function plainContent(item: JsonObject | undefined, role: string): string | undefined {
  if (item?.['role'] !== role || Object.keys(item).length !== 3 || typeof item['content'] !== 'string') return undefined;
  return item['content'] === '' && role === 'system' ? undefined : item['content'];
}

/** Carried entries stand at their old places; function tools, and then what else is wished for, fill the others. */
function writeTools(
  { tools, serverTools = {} }: GenerateRequest,
  builtIn: JsonObject,
  notices: Notices,
): Record<string, Json | undefined> {
  const kept = Object.entries(builtIn).toSorted(([one], [other]) => Number(one) - Number(other));
  const known = new Set(kept.map(([, tool]) => (isJsonObject(tool) ? serverToolOf(tool['type']) : undefined)));
  const wished = serverToolNames.filter((name) => serverTools[name] === true && !known.has(name));
  const others: Json[] = [
    ...tools.map((tool, index) => writeTool(tool, `tools[${index}]`, notices)),
    ...wished.map((type) => ({ type })),
  ];
  const list: Json[] = [];
  for (const [place, tool] of kept) list.push(...others.splice(0, Math.max(Number(place) - list.length, 0)), tool);
  list.push(...others);
  const switchedOff = serverToolNames.filter((name) => serverTools[name] === false).map((name) => [`tool_${name}`, false]);
  return { tools: list.length === 0 ? undefined : list, ...Object.fromEntries(switchedOff) };
}

function writeTool(tool: Tool, path: string, notices: Notices): JsonObject {
  const { name, description, parameters, strict } = tool;
  return withCarried(wire({ type: 'function', name, description, parameters, strict }), notices.own(tool.carry, path));
}

function writeToolChoice(choice: ToolChoice, notices: Notices): Json | undefined {
  switch (choice.kind) {
    case 'auto':
    case 'none':
    case 'required':
      return choice.kind;
    case 'function':
      return { type: 'function', name: choice.name };
    case 'opaque':
      notices.dropped('tool_choice', 'Responses say this choice of tools in another form; the model chooses.');
      return undefined;
  }
}

function writeText(form: AnswerForm): JsonObject | undefined {
  switch (form.kind) {
    case 'unsaid':
      return undefined;
    case 'plain':
      return { format: { type: 'text' } };
    case 'json':
      return { format: { type: 'json_object' } };
    case 'schema': {
      const { name, description, schema, strict } = form;
      return { format: wire({ type: 'json_schema', name, description, schema, strict }) };
    }
  }
}

/** `effort` is OpenAI's; the switch and the budget are OpenRouter's names inside the same object. */
function writeThinking(thinking: Thinking): JsonObject | undefined {
  const written = wire({
    effort: thinking.effort,
    max_tokens: thinking.budgetTokens,
    enabled: thinking.kind === 'unsaid' ? undefined : thinking.kind === 'on',
  });
  return Object.keys(written).length === 0 ? undefined : written;
}

/** The usage comes with every stream of this wire, so a wish for it goes without saying. */
function writeDelivery({ delivery }: GenerateRequest, notices: Notices): JsonObject {
  if (delivery.kind === 'whole') return wire({ stream: delivery.said ? false : undefined });
  const options = notices.own(delivery.carry, 'stream_options');
  return wire({ stream: true, stream_options: Object.keys(options).length === 0 ? undefined : options });
}
