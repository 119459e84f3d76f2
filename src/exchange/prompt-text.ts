import type { GenerateRequest } from '../model/request.ts';

/** The words of a request, for counting. Media are not in it: their tokens follow formulas of their own. */
export function promptText(request: GenerateRequest): string {
  const pieces: string[] = [];
  for (const turn of request.turns) {
    pieces.push(`${turn.role}\n`);
    for (const part of turn.parts) {
      if (part.kind === 'text' || part.kind === 'refusal' || part.kind === 'reasoning') pieces.push(part.text);
      else if (part.kind === 'tool-call') pieces.push(part.name, part.argumentsText);
      else if (part.kind === 'tool-result') for (const inner of part.parts) if (inner.kind === 'text') pieces.push(inner.text);
    }
    pieces.push('\n');
  }
  for (const tool of request.tools) pieces.push(JSON.stringify(tool));
  return pieces.join('');
}
