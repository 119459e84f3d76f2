import type { Json, JsonObject } from '../../model/json.ts';
import type { Delivery, GenerateRequest } from '../../model/request.ts';
import { unknownFields } from '../../protocols/wire/carried.ts';
import { carryOf } from '../../protocols/openai-chat/carry-of.ts';
import {
  optionalArray,
  optionalBoolean,
  optionalObject,
  optionalString,
  refuse,
  requireObject,
} from '../../protocols/wire/fields.ts';
import { readRequest } from '../../protocols/openai-chat/read-request.ts';
import { readPlugins } from './read-plugins.ts';
import { readProvider, type ReadProvider } from './read-provider.ts';

/** Fields that are read here, before the chat codec sees the rest. */
const own = new Set(['model', 'models', 'provider', 'plugins', 'reasoning', 'include_reasoning', 'usage', 'transforms']);

/**
 * Reads the body of OpenRouter's `POST /chat/completions`: chat completions and what OpenRouter adds. What has a word in the model
 * (`provider`, `models`, `reasoning.exclude`, the web plugin) is read here; the rest is carried and announced like any field that a
 * host may not know. Throws FlashmuxError (400) with the path.
 */
export function readOpenrouterRequest(body: Json): GenerateRequest {
  const given = requireObject(body, '', 'a JSON object with model and messages');
  const models = readModels(given);
  const { model, searches } = readModel(given, models);
  const provider = readProvider(given['provider']);
  const plugins = readPlugins(given['plugins']);
  const thoughts = readReasoning(given);
  refuseWrongUsage(given);
  const request = readRequest({
    ...unknownFields(given, own),
    ...readTransforms(given),
    ...present('model', model),
    ...present('reasoning', thoughts.reasoning),
    ...present('plugins', plugins.rest),
  });
  return {
    ...request,
    delivery: withUsage(request.delivery),
    ...(plugins.searches || searches ? { serverTools: { ...request.serverTools, web_search: true } } : {}),
    ...(thoughts.isHidden ? { hidesThoughts: true } : {}),
    ...routingOf(provider, models),
    ...carryWith(request, provider.unknown),
  };
}

/** An empty list is OpenRouter's way to say "none", which is what happens anyway. */
function readTransforms(given: JsonObject): JsonObject {
  const transforms = optionalArray(given, 'transforms', '');
  return transforms === undefined || transforms.length === 0 ? {} : { transforms };
}

function present(name: string, value: Json | undefined): JsonObject {
  return value === undefined ? {} : { [name]: value };
}

function readModels(given: JsonObject): readonly string[] | undefined {
  return optionalArray(given, 'models', '')?.map((id, index) => {
    if (typeof id !== 'string' || id === '') throw refuse(`models[${index}]`, id, 'the id of a model');
    return id;
  });
}

/** The one suffix that is a wish for a tool; those that are wishes about hosts are read by routing, for every dialect. */
const searchSuffix = ':online';

/** The model is the first of the list where it is not named by itself. */
function readModel(given: JsonObject, models: readonly string[] | undefined): ReadModel {
  const id = optionalString(given, 'model', '') ?? models?.[0];
  if (id?.endsWith(searchSuffix) !== true) return { model: id, searches: false };
  return { model: id.slice(0, -searchSuffix.length), searches: true };
}

interface ReadModel {
  readonly model: string | undefined;
  readonly searches: boolean;
}

/** `reasoning` as the chat codec reads it. A budget alone switches thinking on, and so does an effort, which the codec knows. */
function readReasoning(given: JsonObject): { readonly reasoning: JsonObject | undefined; readonly isHidden: boolean } {
  const isIncluded = optionalBoolean(given, 'include_reasoning', '');
  const said = optionalObject(given, 'reasoning', '');
  if (said === undefined) return { reasoning: undefined, isHidden: isIncluded === false };
  const isExcluded = optionalBoolean(said, 'exclude', 'reasoning');
  const { exclude: _, ...reasoning } = said;
  const isSwitched = (reasoning['enabled'] ?? reasoning['effort'] ?? null) !== null;
  const hasBudget = (reasoning['max_tokens'] ?? null) !== null;
  return {
    reasoning: hasBudget && !isSwitched ? { ...reasoning, enabled: true } : reasoning,
    isHidden: isExcluded === true || isIncluded === false,
  };
}

/** Usage is told always, so that `usage: {include}` can only be wrong, not refused. */
function refuseWrongUsage(given: JsonObject): void {
  const usage = optionalObject(given, 'usage', '');
  if (usage !== undefined) optionalBoolean(usage, 'include', 'usage');
}

function withUsage(delivery: Delivery): Delivery {
  return delivery.kind === 'stream' ? { ...delivery, usage: true } : delivery;
}

function routingOf({ preferences }: ReadProvider, models: readonly string[] | undefined): Pick<GenerateRequest, 'routing'> {
  if (preferences === undefined && models === undefined) return {};
  return { routing: { saidAt: 'provider', ...preferences, ...(models === undefined ? {} : { models }) } };
}

function carryWith({ carry }: GenerateRequest, unknown: JsonObject | undefined): Pick<GenerateRequest, 'carry'> {
  return carryOf(carry?.fields, { provider: unknown });
}
