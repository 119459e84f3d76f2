import { readFile } from 'node:fs/promises';
import { vocabulary as qwenVocabulary } from '@hypertok/vocab-qwen3-6';
import { fromBytes } from 'hypertok';

/** The tokens of a tiny model: the first of Qwen's, then its special ones, then padding up to a multiple of 32. */
export interface TinyVocabulary {
  readonly tokens: readonly string[];
  readonly types: readonly number[];
  readonly merges: readonly string[];
  readonly endOfTextId: number;
  readonly endOfTurnId: number;
}

const plainTokens = 2048;
const byteTokens = 256;
const types = { normal: 1, control: 3, userDefined: 4, unused: 5 } as const;

/** Qwen's 26 special tokens in the order of their ids (248044 to 248069). The six tags are user-defined: they show in text. */
const specialTokens = [
  '<|endoftext|> <|im_start|> <|im_end|> <|object_ref_start|> <|object_ref_end|> <|box_start|> <|box_end|> <|quad_start|>',
  '<|quad_end|> <|vision_start|> <|vision_end|> <|vision_pad|> <|image_pad|> <|video_pad|> <tool_call> </tool_call>',
  '<|fim_prefix|> <|fim_middle|> <|fim_suffix|> <|fim_pad|> <|repo_name|> <|file_sep|> <tool_response> </tool_response>',
  '<think> </think>',
].flatMap((line) => line.split(' '));

export async function tinyVocabulary(): Promise<TinyVocabulary> {
  const tokenizer = await fromBytes(await readFile(qwenVocabulary), { tier: 'single' });
  const pieces = Array.from({ length: plainTokens }, (_, id) => tokenizer.tokenBytes(id).slice());
  tokenizer.free();
  const alphabet = byteAlphabet();
  const texts = pieces.map((bytes) => Array.from(bytes, (byte) => alphabet[byte]).join(''));
  const used = plainTokens + specialTokens.length;
  const padding = Array.from({ length: Math.ceil(used / 32) * 32 - used }, (_, index) => `[PAD${used + index}]`);
  return {
    tokens: [...texts, ...specialTokens, ...padding],
    types: [
      ...texts.map(() => types.normal),
      ...specialTokens.map((token) => (token.startsWith('<|') ? types.control : types.userDefined)),
      ...padding.map(() => types.unused),
    ],
    merges: rebuildMerges(texts),
    endOfTextId: plainTokens + specialTokens.indexOf('<|endoftext|>'),
    endOfTurnId: plainTokens + specialTokens.indexOf('<|im_end|>'),
  };
}

/**
 * The merge that made each token: byte-pair encoding of its text with the tokens below it must end in exactly two pieces.
 * For the first 2,048 tokens of Qwen it always does.
 */
function rebuildMerges(texts: readonly string[]): string[] {
  const rank = new Map(texts.map((text, id) => [text, id]));
  return texts.slice(byteTokens).map((text, index) => {
    const below = byteTokens + index;
    let pieces = Array.from(text);
    for (;;) {
      const merge = bestMerge(pieces, rank, below);
      if (merge === undefined) break;
      pieces = [...pieces.slice(0, merge), `${pieces[merge]}${pieces[merge + 1]}`, ...pieces.slice(merge + 2)];
    }
    if (pieces.length !== 2) throw new Error(`token ${below} was not made by one merge`);
    return pieces.join(' ');
  });
}

function bestMerge(pieces: readonly string[], rank: ReadonlyMap<string, number>, below: number): number | undefined {
  let best: number | undefined;
  let bestRank = below;
  for (let index = 0; index + 1 < pieces.length; index++) {
    const found = rank.get(`${pieces[index]}${pieces[index + 1]}`);
    if (found !== undefined && found < bestRank) {
      best = index;
      bestRank = found;
    }
  }
  return best;
}

/** GPT-2's way to write bytes as visible characters: printable Latin-1 stands for itself, the rest starts at U+0100. */
function byteAlphabet(): string[] {
  let next = 0x100;
  return Array.from({ length: byteTokens }, (_, byte) => {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    return String.fromCodePoint(printable ? byte : next++);
  });
}
