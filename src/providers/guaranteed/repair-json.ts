/**
 * Mends what models get wrong and what can be meant in one way only: commas before a closing bracket, and line breaks, tabs and other
 * control characters that stand in a string as they are. Nothing else is guessed: names without quotes, single quotes, comments and text
 * that was cut stay what they are, no JSON.
 */
export function repairJson(text: string): string {
  const pieces: string[] = [];
  let from = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (inString) {
      if (character === '\\') at++;
      else if (character === '"') inString = false;
      else if (character < ' ') {
        pieces.push(text.slice(from, at), escaped(character));
        from = at + 1;
      }
    } else if (character === '"') inString = true;
    else if (character === ',' && closes(text, at + 1)) {
      pieces.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return `${pieces.join('')}${text.slice(from)}`;
}

function escaped(character: string): string {
  return JSON.stringify(character).slice(1, -1);
}

/** Whether nothing but space stands between here and a closing bracket. */
function closes(text: string, from: number): boolean {
  let at = from;
  while (' \t\r\n'.includes(text.charAt(at)) && at < text.length) at++;
  return text.charAt(at) === '}' || text.charAt(at) === ']';
}
