import { FlashmuxError } from '../../model/fault.ts';
import type { JsonObject } from '../../model/json.ts';

/** What this protocol tells of a model. */
export interface ModelFacts {
  readonly id: string;
  readonly displayName: string;
  /** Unix seconds. */
  readonly createdAt: number;
  /** Tokens. */
  readonly maxInputTokens?: number;
  /** Tokens. */
  readonly maxOutputTokens?: number;
}

/** A part of the list. `afterId` and `beforeId` are ids of models at whose side it begins; one of them at most. */
export interface ModelPage {
  /** 1 to 1000, 20 where it is not said. */
  readonly limit?: number;
  readonly afterId?: string;
  readonly beforeId?: string;
}

const maxLimit = 1000;
const defaultLimit = 20;

/** Reads the query of `GET /v1/models`. Throws FlashmuxError (400) that names the wrong parameter. */
export function readModelPage(query: Readonly<Record<string, string | undefined>>): ModelPage {
  const { limit, after_id: afterId, before_id: beforeId } = query;
  if (limit !== undefined && !(/^\d{1,4}$/.test(limit) && Number(limit) >= 1 && Number(limit) <= maxLimit)) {
    throw new FlashmuxError('invalid_request', `limit must be a whole number from 1 to ${maxLimit}.`, { param: 'limit' });
  }
  if (afterId !== undefined && beforeId !== undefined) {
    throw new FlashmuxError('invalid_request', 'after_id and before_id are both set; say one of them.', { param: 'before_id' });
  }
  return {
    ...(limit === undefined ? {} : { limit: Number(limit) }),
    ...(afterId === undefined ? {} : { afterId }),
    ...(beforeId === undefined ? {} : { beforeId }),
  };
}

/** The page of a list of models. Throws FlashmuxError (400) where the id to begin at is in none of them. */
export function writeModelList(models: readonly ModelFacts[], page: ModelPage = {}): JsonObject {
  const limit = page.limit ?? defaultLimit;
  const after = page.afterId === undefined ? 0 : placeOf(models, page.afterId, 'after_id') + 1;
  const before = page.beforeId === undefined ? undefined : placeOf(models, page.beforeId, 'before_id');
  const start = before === undefined ? after : Math.max(0, before - limit);
  const end = before ?? Math.min(models.length, after + limit);
  const shown = models.slice(start, end);
  return {
    data: shown.map(writeModel),
    has_more: before === undefined ? end < models.length : start > 0,
    first_id: shown[0]?.id ?? null,
    last_id: shown.at(-1)?.id ?? null,
  };
}

function placeOf(models: readonly ModelFacts[], id: string, param: string): number {
  const place = models.findIndex((model) => model.id === id);
  if (place >= 0) return place;
  throw new FlashmuxError('invalid_request', `${param} is no model of this list; it must be the id of one.`, { param });
}

/** One model. What Anthropic tells of its own models and nobody knows of another's is null. */
export function writeModel(facts: ModelFacts): JsonObject {
  return {
    type: 'model',
    id: facts.id,
    display_name: facts.displayName,
    created_at: new Date(facts.createdAt * 1000).toISOString().replace('.000Z', 'Z'),
    max_input_tokens: facts.maxInputTokens ?? null,
    max_tokens: facts.maxOutputTokens ?? null,
    capabilities: null,
    lifecycle: 'active',
    line: null,
    deprecated_at: null,
    retires_at: null,
  };
}
