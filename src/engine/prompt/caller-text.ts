import { isJsonObject } from '../../model/json.ts';
import type { Json } from '../../model/json.ts';
import type { Part } from '../../model/part.ts';

/** A stretch of rendered text and whose words it is. */
export interface Segment {
  readonly text: string;
  readonly from: 'template' | 'caller';
  /** The message whose content ends here. */
  readonly owner?: TextOwner;
  /** The part of the request that ends here. */
  readonly part?: Part;
}

export type TextOwner = 'system' | 'user' | 'assistant' | 'tool';

/**
 * Hides what the caller wrote from the chat template, which escapes nothing: a caller who writes `<|im_end|>` would end their turn
 * and forge the next. The template sees a marker in place of each text; after rendering, the markers tell exactly which
 * characters are the caller's. Since no caller text at all is in the rendering, no caller can write a marker either.
 *
 * A marker is U+0001, the number of the text, U+0002. Control characters survive `trim`, and `tojson` writes them as `\u0001`, so
 * a marker also tells whether, and how often, the template wrote its text as JSON.
 */
export class CallerText {
  readonly #hidden: Hidden[] = [];
  readonly #words = new Map<string, string>();

  /** White space at the ends stays outside of the marker, where the template's own `trim` and `strip` see it. */
  hide(text: string, ending: Pick<Segment, 'owner' | 'part'> = {}): string {
    const core = text.trim();
    if (core === '') return text;
    const start = text.indexOf(core);
    const lead = text.slice(0, start);
    const trail = text.slice(start + core.length);
    this.#hidden.push({ lead, core, trail, ending });
    return `${lead}\u0001${this.#hidden.length - 1}\u0002${trail}`;
  }

  /** The same marker for the same word, so that a template can compare names (`name in parameters.required`). */
  hideWord(word: string): string {
    const known = this.#words.get(word);
    if (known !== undefined) return known;
    const marked = this.hide(word);
    this.#words.set(word, marked);
    return marked;
  }

  /** Hides every string and key of a value but JSON Schema's own words, which templates compare (`type == 'string'`). */
  hideJson(value: Json): Json {
    if (typeof value === 'string') return schemaWords.has(value) ? value : this.hideWord(value);
    if (Array.isArray(value)) return value.map((item: Json) => this.hideJson(item));
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [schemaWords.has(key) ? key : this.hideWord(key), this.hideJson(item)]),
    );
  }

  /** Cuts a rendering at the markers and puts the texts back. Throws RangeError where the template broke a marker. */
  reveal(rendered: string): readonly Segment[] {
    const segments: Segment[] = [];
    let position = 0;
    for (const match of rendered.matchAll(marker)) {
      const hidden = this.#hidden[Number(match[2])];
      if (hidden === undefined) throw new RangeError('the template wrote a marker of its own');
      const escapes = jsonDepth(match[1]);
      const before = rendered.slice(position, match.index);
      const lead = escapedAsJson(hidden.lead, escapes);
      const trail = escapedAsJson(hidden.trail, escapes);
      position = match.index + match[0].length;
      // What the template left of the white space goes back to the caller's side, so that " word" can be one token.
      const keptLead = before.endsWith(lead) ? lead : '';
      const keptTrail = rendered.startsWith(trail, position) ? trail : '';
      position += keptTrail.length;
      const text = keptLead + escapedAsJson(hidden.core, escapes) + keptTrail;
      segments.push(
        { text: templateText(before.slice(0, before.length - keptLead.length)), from: 'template' },
        { text, from: 'caller', ...hidden.ending },
      );
    }
    segments.push({ text: templateText(rendered.slice(position)), from: 'template' });
    return segments.filter((segment) => segment.text !== '');
  }
}

interface Hidden {
  readonly lead: string;
  readonly core: string;
  readonly trail: string;
  readonly ending: Pick<Segment, 'owner' | 'part'>;
}

// oxlint-disable-next-line no-control-regex -- the markers are made of control characters on purpose
const marker = /(?:\u0001|(\\+)u0001)(\d+)(?:\u0002|\\+u0002)/g;
// oxlint-disable-next-line no-control-regex
const brokenMarker = /[\u0001\u0002]|\\u000[12]/;

/** How many times a text went through `tojson`: its backslashes are 1, 2, 4 ... for depth 1, 2, 3 ... */
function jsonDepth(backslashes: string | undefined): number {
  return backslashes === undefined ? 0 : Math.log2(backslashes.length) + 1;
}

function escapedAsJson(text: string, depth: number): string {
  let escaped = text;
  for (let level = 0; level < depth; level++) escaped = JSON.stringify(escaped).slice(1, -1);
  return escaped;
}

function templateText(text: string): string {
  if (brokenMarker.test(text)) throw new RangeError('the template cuts texts apart');
  return text;
}

/** Words that every JSON Schema may use. None of them can be part of a control token: callers who write them forge nothing. */
const schemaWords: ReadonlySet<string> = new Set(
  (
    'type function name description parameters properties required items enum const default additionalProperties ' +
    'anyOf oneOf allOf format minimum maximum minLength maxLength nullable string number integer boolean object ' +
    'array null $ref $defs title'
  ).split(' '),
);
