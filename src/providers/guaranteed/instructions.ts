import type { Part } from '../../model/part.ts';
import type { GenerateRequest, ToolChoice } from '../../model/request.ts';
import type { Turn } from '../../model/turn.ts';
import type { WantedForm } from './form-check.ts';

/** What a model is told of the form of its answer where its host does not hold it. */
export function formInstruction(form: WantedForm, mayCall: boolean): string {
  const when = mayCall ? 'When you answer in text instead of calling a tool, answer' : 'Answer';
  const only = 'and nothing else: no words before or after it, no code fence.';
  if (form.kind === 'json' || form.schema === undefined) return `${when} with one JSON object ${only}`;
  const about = form.description === undefined ? '' : ` (${form.description})`;
  return `${when} with one JSON value ${only} It has to be valid under this JSON Schema, "${form.name}"${about}:\n${JSON.stringify(form.schema)}`;
}

export type ForcedChoice = Extract<ToolChoice, { readonly kind: 'required' | 'function' }>;

export function callInstruction(choice: ForcedChoice): string {
  return choice.kind === 'function'
    ? `Answer by calling the tool "${choice.name}", and with no text.`
    : 'Answer by calling at least one of the tools, and with no text.';
}

/** Behind the caller's own instructions where there are some: a second system message is refused by some templates. */
export function instructed(turns: readonly Turn[], instruction: string): readonly Turn[] {
  const [first, ...others] = turns;
  if (first !== undefined && (first.role === 'system' || first.role === 'developer')) {
    return [{ ...first, parts: withText(first.parts, `\n\n${instruction}`) }, ...others];
  }
  return [{ role: 'system', parts: [{ kind: 'text', text: instruction }] }, ...turns];
}

/** One text stays one text: not every host reads a list of parts here. A part that is marked for a cache keeps its end. */
function withText(parts: readonly Part[], text: string): readonly Part[] {
  const last = parts.at(-1);
  if (last?.kind !== 'text' || last.cacheMark !== undefined) return [...parts, { kind: 'text', text }];
  return [...parts.slice(0, -1), { ...last, text: `${last.text}${text}` }];
}

/** Of what a model said before; enough to mend, and a bound on what asking again can cost. */
const maxQuotedCharacters = 60_000;

/** The conversation one step further: what the model said, and what was wrong with it. */
export function askedAgain(request: GenerateRequest, said: string, complaint: string): GenerateRequest {
  const quoted = said.trim() === '' || said.length > maxQuotedCharacters ? [] : [assistantSaid(said)];
  const demand = `Your answer cannot be used. ${complaint} Answer again, completely, as you were instructed.`;
  return { ...request, turns: [...request.turns, ...quoted, { role: 'user', parts: [{ kind: 'text', text: demand }] }] };
}

function assistantSaid(text: string): Turn {
  return { role: 'assistant', parts: [{ kind: 'text', text }] };
}
