/**
 * What a host holds by itself of the forms and choices that a request may ask for. What it does not hold, `guaranteed` does: it
 * instructs the model, checks the answer and asks again.
 */
export interface Abilities {
  /** `json_object`. */
  readonly json: Held;
  /** `json_schema`. */
  readonly schema: Held;
  /** False: a form of the answer keeps the model from calling tools. */
  readonly formBesideTools: boolean;
  /** False: the host does not know `tool_choice: none`; the tools are left out in its place. */
  readonly noCall: boolean;
  /** `tool_choice: required`. */
  readonly anyCall: Held;
  /** A `tool_choice` that names a function. */
  readonly namedCall: Held;
}

export type Held =
  | 'always'
  /** Refused, or without effect, while the model thinks. */
  | 'without-thinking'
  /** It can be asked for, and nobody can rely on it: the answer is checked before it is given. */
  | 'unsure'
  /** It must not be asked for. */
  | 'never';

export const holdsEverything: Abilities = {
  json: 'always',
  schema: 'always',
  formBesideTools: true,
  noCall: true,
  anyCall: 'always',
  namedCall: 'always',
};

/**
 * The embedded engine. A form is a grammar of the whole text, in which no call can be written; what the grammar cannot say of a schema is
 * checked at the end.
 */
export const heldByGrammar: Abilities = { ...holdsEverything, formBesideTools: false };

/** For hosts that take none of the fields. */
export const holdsNothing: Abilities = {
  json: 'never',
  schema: 'never',
  formBesideTools: true,
  noCall: false,
  anyCall: 'never',
  namedCall: 'never',
};
