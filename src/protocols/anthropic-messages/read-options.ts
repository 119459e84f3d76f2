import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { AnswerForm, Effort, Sampling, Thinking } from '../../model/request.ts';
import { unknownFields } from '../wire/carried.ts';
import {
  at,
  oneOf,
  optionalArray,
  optionalChoice,
  optionalNumber,
  optionalObject,
  refuse,
  requireObject,
  requiredString,
} from '../wire/fields.ts';
import { said } from '../wire/said.ts';

/** The three that left the types of @anthropic-ai/sdk 1.x are read from everyone: older clients still send them. */
export function readSampling(body: JsonObject): Sampling {
  return said({
    // Anthropic ends at 1, Alibaba's face before 2. A narrower range of one model is the catalogue's.
    temperature: optionalNumber(body, 'temperature', '', { min: 0, max: 2 }),
    topP: optionalNumber(body, 'top_p', '', { min: 0, max: 1 }),
    topK: optionalNumber(body, 'top_k', '', { min: 0, whole: true }),
    stop: readStop(body),
  });
}

function readStop(body: JsonObject): readonly string[] | undefined {
  return optionalArray(body, 'stop_sequences', '')?.map((text, index) => {
    if (typeof text !== 'string') throw refuse(`stop_sequences[${index}]`, text, 'a string');
    return text;
  });
}

const efforts: readonly Effort[] = ['low', 'medium', 'high', 'xhigh', 'max'];
const thinkingTypes = ['enabled', 'disabled', 'adaptive', 'between_tools'];
const enabledKeys = new Set(['type', 'budget_tokens']);
const typeOnly = new Set(['type']);

export interface ReadThinking {
  readonly thinking: Thinking;
  readonly unknown: JsonObject | undefined;
}

/**
 * `thinking`, with `output_config.effort`. `adaptive` is thinking without a budget: the model decides how much. `between_tools` has no word,
 * so it is carried. `maxTokens` is absent in a request that only counts.
 */
export function readThinking(body: JsonObject, maxTokens: number | undefined): ReadThinking {
  const config = optionalObject(body, 'output_config', '') ?? {};
  const effort = said({ effort: optionalChoice(config, 'effort', 'output_config', efforts) });
  const thinking = optionalObject(body, 'thinking', '');
  if (thinking === undefined) return { thinking: { kind: 'unsaid', ...effort }, unknown: undefined };
  const type = requiredString(thinking, 'type', 'thinking', oneOf(thinkingTypes));
  switch (type) {
    case 'enabled':
      return {
        thinking: { kind: 'on', ...effort, budgetTokens: readBudget(thinking, maxTokens) },
        unknown: unknownFields(thinking, enabledKeys),
      };
    case 'adaptive':
      return { thinking: { kind: 'on', ...effort }, unknown: unknownFields(thinking, typeOnly) };
    case 'disabled':
      return { thinking: { kind: 'off', ...effort }, unknown: unknownFields(thinking, typeOnly) };
    case 'between_tools':
      return { thinking: { kind: 'unsaid', ...effort }, unknown: thinking };
    default:
      throw refuse('thinking.type', type, oneOf(thinkingTypes));
  }
}

/** Tokens. The limit of the answer includes its thinking on this wire, so the budget must leave room. */
function readBudget(thinking: JsonObject, maxTokens: number | undefined): number {
  const budget = optionalNumber(thinking, 'budget_tokens', 'thinking', { min: 1, whole: true });
  const param = 'thinking.budget_tokens';
  if (budget === undefined) throw refuse(param, thinking['budget_tokens'], 'a whole number of at least 1');
  if (maxTokens !== undefined && budget >= maxTokens) {
    const message = `${param} is ${budget} and max_tokens is ${maxTokens}; max_tokens must be greater, because it includes the thinking.`;
    throw new FlashmuxError('invalid_request', message, { param });
  }
  return budget;
}

/** The wire's form has no name; the model wants one. */
export const formName = 'output';

const formatKeys = new Set(['type', 'schema']);

export interface ReadForm {
  readonly form: AnswerForm;
  readonly unknown: JsonObject | undefined;
}

/** `output_config.format`, or `output_format` as it was called in 2025. A form of this wire always binds the model, so it is strict. */
export function readForm(body: JsonObject): ReadForm {
  const config = optionalObject(body, 'output_config', '') ?? {};
  const format = optionalObject(config, 'format', 'output_config');
  const older = optionalObject(body, 'output_format', '');
  if (format !== undefined && older !== undefined) {
    const message = 'output_format and output_config.format are both set; say output_config.format alone.';
    throw new FlashmuxError('invalid_request', message, { param: 'output_format' });
  }
  const path = format === undefined ? 'output_format' : 'output_config.format';
  const told = format ?? older;
  if (told === undefined) return { form: { kind: 'unsaid' }, unknown: undefined };
  if (told['type'] !== 'json_schema') throw refuse(at(path, 'type'), told['type'], '"json_schema"');
  const schema = requireObject(told['schema'], at(path, 'schema'), 'a JSON Schema');
  return { form: { kind: 'schema', name: formName, schema, strict: true }, unknown: unknownFields(told, formatKeys) };
}

const configKeys = new Set(['effort', 'format']);

/** The unknown fields of `output_config`, and of the form in it. */
export function unknownOfConfig(config: Json | undefined, inForm: JsonObject | undefined): JsonObject | undefined {
  const outer = isJsonObject(config) ? unknownFields(config, configKeys) : undefined;
  return inForm === undefined ? outer : { ...outer, format: inForm };
}
