import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { CacheMark, Part } from '../../model/part.ts';
import { readCacheMark, writeCacheMark } from '../wire/cache-mark.ts';
import { wire } from '../wire/said.ts';

/*
 * The specification leaves everything that is a vendor's own to `providerOptions` (requests) and `providerMetadata` (answers): objects by
 * vendor. Clients send the metadata of an answer back as the options of the next request. What the model of this program can say and the
 * specification cannot stands there under `flashmux`; the words of Alibaba, Anthropic and OpenAI that mean the same are read too.
 */

/** The options of one message or part, from which readers take what they know. What is left over is carried. */
export class Words {
  readonly #vendors: Map<string, Json>;

  constructor(value: Json | undefined) {
    this.#vendors = new Map(isJsonObject(value) ? Object.entries(value) : []);
  }

  /** The vendor's word, once, where it is of the form asked for. */
  take<Value extends Json>(vendor: string, key: string, fits: (value: Json) => value is Value): Value | undefined {
    const words = this.#vendors.get(vendor);
    if (!isJsonObject(words) || !Object.hasOwn(words, key)) return undefined;
    const value = words[key];
    if (value === undefined || !fits(value)) return undefined;
    const left = Object.entries(words).filter(([name]) => name !== key);
    if (left.length === 0) this.#vendors.delete(vendor);
    else this.#vendors.set(vendor, Object.fromEntries(left));
    return value;
  }

  takeCacheMark(): CacheMark | undefined {
    for (const [vendor, key] of cacheWords) {
      const control = this.take(vendor, key, isCacheControl);
      if (control !== undefined) return readCacheMark(control);
    }
    return undefined;
  }

  takeItemId(): string | undefined {
    return this.take('openai', 'itemId', isText);
  }

  /** What nobody took. */
  rest(): JsonObject | undefined {
    return this.#vendors.size === 0 ? undefined : Object.fromEntries(this.#vendors);
  }
}

const cacheWords = [
  ['alibaba', 'cacheControl'],
  ['alibaba', 'cache_control'],
  ['anthropic', 'cacheControl'],
  ['anthropic', 'cache_control'],
] as const;

export interface VendorWords {
  readonly alibaba?: Readonly<Record<string, Json | undefined>>;
  readonly openai?: Readonly<Record<string, Json | undefined>>;
  readonly flashmux?: Readonly<Record<string, Json | undefined>>;
}

/** The options of what is written: each vendor that has something to say. Undefined where none has. */
export function writeWords(part: Pick<Part, 'cacheMark' | 'itemId'>, words: VendorWords = {}): JsonObject | undefined {
  const mark = part.cacheMark === undefined ? undefined : writeCacheMark(part.cacheMark);
  const vendors = {
    alibaba: wire({ cacheControl: mark, ...words.alibaba }),
    openai: wire({ itemId: part.itemId, ...words.openai }),
    flashmux: wire({ ...words.flashmux }),
  };
  const said = Object.entries(vendors).filter(([, own]) => Object.keys(own).length > 0);
  return said.length === 0 ? undefined : Object.fromEntries(said);
}

export function isText(value: Json): value is string {
  return typeof value === 'string' && value !== '';
}

export function isNumber(value: Json): value is number {
  return typeof value === 'number';
}

export function isTrue(value: Json): value is true {
  return value === true;
}

export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isCacheControl(value: Json): value is JsonObject {
  return readCacheMark(value) !== undefined;
}
