import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';
import type { Shape } from '../request-shape.ts';
import type { Draft } from '../http-host/draft.ts';

/**
 * Leaves of a body what the host documents; each thing that is dropped is told. Throws `unsupported_media` for a picture, clip, sound or
 * document that the host has no part for: without it the answer would be to another question.
 */
export function applyShape(draft: Draft, shape: Shape | undefined): void {
  if (shape === undefined) return;
  const kept = pruned(draft.body, shape, '', draft) ?? {};
  for (const field of Object.keys(draft.body)) {
    const own = isJsonObject(kept) && Object.hasOwn(kept, field) ? kept[field] : undefined;
    if (own === undefined) delete draft.body[field];
    else draft.body[field] = own;
  }
}

/** Undefined: the host knows no such form of it. */
function pruned(value: Json, shape: Shape, path: string, draft: Draft): Json | undefined {
  if (shape === 'any') return value;
  if (shape === 'text') return isList(value) ? textOf(value, path, draft) : value;
  switch (shape.kind) {
    case 'object':
      return isJsonObject(value) ? prunedObject(value, shape.fields, path, draft) : value;
    case 'list':
      if (!isList(value)) return value;
      return value.flatMap((entry, index) => {
        const kept = pruned(entry, shape.of, `${path}[${index}]`, draft);
        return kept === undefined ? [] : [kept];
      });
    case 'forms': {
      if (!isJsonObject(value)) return value;
      const form = value[shape.by];
      const own = typeof form === 'string' && Object.hasOwn(shape.forms, form) ? shape.forms[form] : undefined;
      if (own !== undefined) return pruned(value, own, path, draft);
      if (typeof form === 'string' && media.has(form)) throw unsupported(form, path);
      draft.tell('dropped', path, `This host has nothing of this ${shape.by} here.`);
      return undefined;
    }
  }
}

function prunedObject(value: JsonObject, fields: Readonly<Record<string, Shape>>, path: string, draft: Draft): JsonObject {
  const kept: Record<string, Json> = {};
  for (const field of Object.keys(value)) {
    const inner = value[field];
    if (inner === undefined) continue;
    const shape = Object.hasOwn(fields, field) ? fields[field] : undefined;
    const at = (): string => (path === '' ? field : `${path}.${field}`);
    if (shape !== undefined) {
      const own = shape === 'any' ? inner : pruned(inner, shape, at(), draft);
      if (own !== undefined) kept[field] = own;
      // A switch that was off asked for nothing.
    } else if (inner !== null && inner !== false) draft.tell('dropped', at(), `This host has no ${field}.`);
  }
  return kept;
}

/** Parts as one string, for hosts whose content is a string here. */
function textOf(parts: readonly Json[], path: string, draft: Draft): string {
  const texts = parts.map((part, index) => {
    const at = `${path}[${index}]`;
    if (isJsonObject(part) && typeof part['text'] === 'string') {
      for (const field of Object.keys(part)) {
        if (field !== 'type' && field !== 'text') draft.tell('dropped', `${at}.${field}`, `This host has no ${field}.`);
      }
      return part['text'];
    }
    const form = isJsonObject(part) ? part['type'] : undefined;
    if (typeof form === 'string' && media.has(form)) throw unsupported(form, at);
    draft.tell('dropped', at, 'This host takes only text here.');
    return '';
  });
  return texts.join('');
}

const media: ReadonlySet<string> = new Set(['image_url', 'video_url', 'video', 'input_audio', 'file']);

function unsupported(part: string, path: string): FlashmuxError {
  const message = `The host of this model takes no content of type "${part}" here; leave it out, or name a host that does.`;
  return new FlashmuxError('unsupported_media', message, { param: path });
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
