import { LlamaVocabularyType, type LlamaModel, type Token } from 'node-llama-cpp';
import type { OutputTag } from '../parse/output-parser.ts';

const tagTexts: readonly (readonly [tag: OutputTag, text: string])[] = [
  ['think-open', '<think>'],
  ['think-close', '</think>'],
  ['tool-call-open', '<tool_call>'],
  ['tool-call-close', '</tool_call>'],
  ['tool-response-open', '<tool_response>'],
  ['tool-response-close', '</tool_response>'],
];

const controlType = 3;
const userDefinedType = 4;
const noBytes = Buffer.alloc(0);

/** What the tokens of a model stand for. Exact to the byte, because a character may be spread over several tokens. */
export class TokenText {
  readonly #model: LlamaModel;
  readonly #texts: readonly string[];
  readonly #types: readonly number[];
  readonly #tags = new Map<Token, OutputTag>();
  readonly #known = new Map<Token, Buffer>();

  constructor(model: LlamaModel) {
    this.#model = model;
    const tokenizer = model.fileInfo.metadata.tokenizer.ggml;
    this.#texts = tokenizer.tokens;
    this.#types = tokenizer.token_type ?? [];
    for (const [tag, text] of tagTexts) {
      const tokens = model.tokenize(text, true);
      if (tokens.length === 1 && tokens[0] !== undefined) this.#tags.set(tokens[0], tag);
    }
  }

  /** The tag that the token is, where the model has the tag as one token. */
  tag(token: Token): OutputTag | undefined {
    return this.#tags.get(token);
  }

  /** UTF-8 bytes, perhaps a part of a character; none for a control token. */
  bytes(token: Token): Buffer {
    const known = this.#known.get(token);
    if (known !== undefined) return known;
    const bytes = this.#read(token);
    this.#known.set(token, bytes);
    return bytes;
  }

  isToken(id: number): id is Token {
    return Number.isInteger(id) && id >= 0 && id < this.#texts.length;
  }

  #read(token: Token): Buffer {
    const type = this.#types[token];
    const text = this.#texts[token];
    if (type === controlType || text === undefined) return noBytes;
    if (type === userDefinedType) return Buffer.from(text);
    const vocabulary = this.#model.vocabularyType;
    if (vocabulary === LlamaVocabularyType.bpe) return bytesOfAlphabet(text) ?? Buffer.from(text);
    if (vocabulary === LlamaVocabularyType.spm) return bytesOfSentencePiece(text);
    return Buffer.from(this.#model.detokenize([token]));
  }
}

const byteOfCharacter = new Map(Array.from(byteAlphabet(), (character, byte) => [character, byte]));

/** GPT-2's way to write bytes as visible characters: printable Latin-1 stands for itself, the rest starts at U+0100. */
function* byteAlphabet(): Generator<string> {
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    yield String.fromCodePoint(printable ? byte : next++);
  }
}

function bytesOfAlphabet(text: string): Buffer | undefined {
  const bytes: number[] = [];
  for (const character of text) {
    const byte = byteOfCharacter.get(character);
    if (byte === undefined) return undefined;
    bytes.push(byte);
  }
  return Buffer.from(bytes);
}

/** SentencePiece writes a space as U+2581 and a byte without a token of its own as `<0xE2>`. */
function bytesOfSentencePiece(text: string): Buffer {
  const byte = /^<0x([0-9A-F]{2})>$/.exec(text)?.[1];
  if (byte !== undefined) return Buffer.of(Number.parseInt(byte, 16));
  return Buffer.from(text.replaceAll('▁', ' '));
}
