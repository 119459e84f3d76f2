/** Text that is HTML already. Everything else is escaped where it is put into a template. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Piece = Html | string | number | undefined | readonly Piece[];

/** A template whose values cannot become tags: a description is a text of ours today and may be an operator's tomorrow. */
export function markup(strings: TemplateStringsArray, ...values: readonly Piece[]): Html {
  return new Html(strings.map((string, index) => (index === 0 ? string : written(values[index - 1]) + string)).join(''));
}

function written(piece: Piece): string {
  if (piece === undefined) return '';
  if (piece instanceof Html) return piece.text;
  if (typeof piece === 'string' || typeof piece === 'number') return escaped(String(piece));
  return piece.map((one) => written(one)).join('');
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** A sentence whose words between backticks are code. */
export function prose(text: string): Html {
  return markup`${text.split('`').map((piece, index) => (index % 2 === 1 ? markup`<code>${piece}</code>` : piece))}`;
}
