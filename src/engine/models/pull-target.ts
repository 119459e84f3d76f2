import { homedir } from 'node:os';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FlashmuxError } from '../../model/fault.ts';
import type { KnownModel } from './known-models.ts';
import { closeIds, modelIdOfFile, requireModelId } from './model-id.ts';
import type { WantedModel } from './model-source.ts';

/** What somebody asked to pull. */
export type PullTarget =
  | { readonly kind: 'known'; readonly wanted: WantedModel & { readonly known: KnownModel } }
  | { readonly kind: 'url'; readonly wanted: WantedModel; readonly url: string }
  | { readonly kind: 'file'; readonly wanted: WantedModel; readonly path: string };

/**
 * Reads an id, an http(s) address, or a path (with a slash, or ending in .gguf). Throws `invalid_request` for what is none of them
 * and `not_found` for an id that nobody knows, naming close ones.
 */
export function readPullTarget(text: string, known: readonly KnownModel[]): PullTarget {
  const trimmed = text.trim();
  const model = known.find(({ id }) => id === trimmed.toLowerCase());
  if (model !== undefined) return { kind: 'known', wanted: { id: model.id, file: model.file, known: model } };
  if (/^https?:\/\//i.test(trimmed)) return urlTarget(trimmed, known);
  if (/^file:/i.test(trimmed)) return fileTarget(fileURLToPath(trimmed), known);
  if (/[/\\]|\.gguf$/i.test(trimmed)) return fileTarget(trimmed.replace(/^~(?=[/\\])/, homedir()), known);
  throw unknownId(requireModelId(trimmed.toLowerCase()), known);
}

function unknownId(id: string, known: readonly KnownModel[]): FlashmuxError {
  const ids = known.map((model) => model.id);
  const close = closeIds(id, ids);
  const hint = close.length > 0 ? `Did you mean ${close.join(' or ')}?` : `Known are ${ids.join(', ')}.`;
  return new FlashmuxError(
    'not_found',
    `flashmux knows no model ${id}. ${hint} Any other GGUF file can be pulled by its address or path.`,
    { param: 'model' },
  );
}

function urlTarget(text: string, known: readonly KnownModel[]): PullTarget {
  if (!URL.canParse(text)) {
    throw new FlashmuxError('invalid_request', `${text} is not a valid address.`, { param: 'model' });
  }
  const url = new URL(text);
  const name = decodeURIComponentOr(url.pathname.slice(url.pathname.lastIndexOf('/') + 1));
  return { kind: 'url', wanted: wantedFile(name, 'url', known), url: url.href };
}

function fileTarget(text: string, known: readonly KnownModel[]): PullTarget {
  const path = resolve(text);
  return { kind: 'file', wanted: wantedFile(basename(path), 'file', known), path };
}

/** A file that only shares its name with a known model must not pass for it. */
function wantedFile(name: string, kind: 'url' | 'file', known: readonly KnownModel[]): WantedModel {
  const id = modelIdOfFile(name);
  const own = known.some((model) => model.id === id) ? `${id}-${kind}` : id;
  return { id: own, file: `${own}.gguf` };
}

function decodeURIComponentOr(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
