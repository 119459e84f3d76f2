import { FlashmuxError } from '../../model/fault.ts';
import type { Notice } from '../../model/notice.ts';
import type { MediaPart, Part, ReasoningPart } from '../../model/part.ts';
import type { Turn } from '../../model/turn.ts';
import type { ResponsesQuirks } from './responses-quirks.ts';

type Rules = Pick<
  ResponsesQuirks,
  'unsealedThoughts' | 'checksItemIds' | 'media' | 'pictureWishes' | 'cacheMarks' | 'developerRole'
>;

/** Turns without what this host refuses or does not have. Throws `unsupported_media`. */
export function fitTurns(
  turns: readonly Turn[],
  rules: Rules,
): { readonly turns: readonly Turn[]; readonly notices: readonly Notice[] } {
  const fitting = new Fitting(rules);
  return { turns: turns.map((turn, number) => fitting.turn(turn, number)), notices: fitting.notices };
}

class Fitting {
  readonly notices: Notice[] = [];
  readonly #rules: Rules;

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  turn(turn: Turn, number: number): Turn {
    const path = `messages[${number}]`;
    const sealed = sealedItems(turn.parts);
    const parts = turn.parts.flatMap((part, index) => {
      const at = `${path}.content[${index}]`;
      // Of a sound that the model itself made the codec sends the words.
      if (turn.role !== 'assistant') this.#check(part, at);
      return this.#part(part, at, sealed);
    });
    if (turn.role !== 'developer' || this.#rules.developerRole) return { ...turn, parts };
    this.#tell('moved', path, 'This host has no developer messages; it was sent as a system message.');
    return { ...turn, role: 'system', parts };
  }

  #part(part: Part, path: string, sealed: ReadonlySet<string>): readonly Part[] {
    if (part.kind === 'reasoning' && !this.#isRead(part, sealed)) {
      this.#tell('dropped', path, 'This host takes back only thoughts that it encrypted; the answer is kept without it.');
      return [];
    }
    const plain = this.#unmarked(this.#withoutWishes(this.#withoutForeignId(part), path), path);
    if (plain.kind !== 'tool-result') return [plain];
    return [{ ...plain, parts: plain.parts.flatMap((inner, index) => this.#part(inner, `${path}.content[${index}]`, sealed)) }];
  }

  /** Throws for what the host cannot read: without it the answer would be to another question. */
  #check(part: Part, path: string): void {
    if (part.kind === 'tool-result') {
      for (const [index, inner] of part.parts.entries()) this.#check(inner, `${path}.content[${index}]`);
    }
    if (part.kind !== 'media' || this.#rules.media.includes(part.medium)) return;
    const message = `The host of this model reads no ${part.medium}; leave it out, or name a host that does.`;
    throw new FlashmuxError('unsupported_media', message, { param: path });
  }

  #isRead(part: ReasoningPart, sealed: ReadonlySet<string>): boolean {
    if (this.#rules.unsealedThoughts === 'read' || part.seal?.protocol === 'openai-responses') return true;
    return part.itemId !== undefined && sealed.has(part.itemId);
  }

  /** The id of an item means something to the host that made it, and to no other. */
  #withoutForeignId(part: Part): Part {
    const { itemId, ...rest } = part;
    if (!this.#rules.checksItemIds || itemId === undefined || itemId.startsWith(idPrefix[part.kind])) return part;
    return rest;
  }

  #withoutWishes(part: Part, path: string): Part {
    if (part.kind !== 'media' || this.#rules.pictureWishes || !hasWishes(part)) return part;
    this.#tell('dropped', path, 'This host has no word for how to look at a picture.');
    const { framesPerSecond: _, minPixels: _min, maxPixels: _max, totalPixels: _total, ...rest } = part;
    return rest;
  }

  #unmarked(part: Part, path: string): Part {
    if (this.#rules.cacheMarks || part.cacheMark === undefined) return part;
    this.#tell('dropped', path, 'This host caches by itself and reads no marks.');
    const { cacheMark: _, ...rest } = part;
    return rest;
  }

  #tell(code: Notice['code'], path: string, message: string): void {
    this.notices.push({ code, path, message });
  }
}

/** How OpenAI begins the ids of items (API reference of Responses). */
const idPrefix: Readonly<Record<Part['kind'], string>> = {
  text: 'msg_',
  refusal: 'msg_',
  media: 'msg_',
  opaque: '',
  reasoning: 'rs_',
  'tool-call': 'fc_',
  'tool-result': 'fc',
};

/** Thoughts come in pieces that share an item, and the proof is on the last. */
function sealedItems(parts: readonly Part[]): ReadonlySet<string> {
  const ids = parts.flatMap((part) =>
    part.kind === 'reasoning' && part.seal?.protocol === 'openai-responses' && part.itemId !== undefined ? [part.itemId] : [],
  );
  return new Set(ids);
}

function hasWishes({ framesPerSecond, minPixels, maxPixels, totalPixels }: MediaPart): boolean {
  return [framesPerSecond, minPixels, maxPixels, totalPixels].some((wish) => wish !== undefined);
}
