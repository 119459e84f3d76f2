import type { Token } from 'node-llama-cpp';
import type { Continuation } from '../../model/continuation.ts';
import { FlashmuxError } from '../../model/fault.ts';
import type { LoadedModel } from './loaded-model.ts';

/**
 * The tokens of a text that is continued as it stands: no template, and no control token that the caller could write as text.
 * Throws `unsupported_value` for a suffix that the model was not trained for, and `invalid_request` for ids that it does not have.
 */
export function rawPrompt({ model, tokenText }: LoadedModel, { prompt, suffix }: Continuation): readonly Token[] {
  const tokens = prompt.kind === 'text' ? model.tokenize(prompt.text) : prompt.tokens.map((id, index) => known(id, index));
  if (suffix !== undefined) return filledIn(tokens, model.tokenize(suffix));
  const { bos, eos, shouldPrependBosToken } = model.tokens;
  const isBegun = tokens[0] === bos || !shouldPrependBosToken;
  if (bos !== null && !isBegun && prompt.kind === 'text') return [bos, ...tokens];
  // A model needs something to go on from: without a text that is the border between two.
  const border = bos ?? eos;
  return tokens.length === 0 && border !== null ? [border] : tokens;

  function known(id: number, index: number): Token {
    if (tokenText.isToken(id)) return id;
    throw new FlashmuxError('invalid_request', `prompt[${index}] is ${id}; this model has no token of that id.`, {
      param: `prompt[${index}]`,
    });
  }

  function filledIn(before: readonly Token[], after: readonly Token[]): readonly Token[] {
    const { prefix, suffix: end, middle } = model.tokens.infill;
    if (prefix === null || end === null || middle === null) {
      const message = 'This model was not trained to fill a gap; leave suffix out, or name a model for code.';
      throw new FlashmuxError('unsupported_value', message, { param: 'suffix' });
    }
    return [prefix, ...before, end, ...after, middle];
  }
}
