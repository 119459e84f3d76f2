import { isJsonObject } from '../../model/json.ts';
import type { AnswerForm } from '../../model/request.ts';
import { jsonCandidates, type Candidate } from './json-candidates.ts';
import type { SchemaChecker } from './schema-checker.ts';

/** The forms that there is something to check of. */
export type WantedForm = Extract<AnswerForm, { readonly kind: 'json' | 'schema' }>;

export type FormVerdict =
  /** The one value in the text that fits, and what was done to get at it. */
  | { readonly kind: 'fits'; readonly text: string; readonly takenOut: boolean; readonly repaired: boolean }
  /** What is wrong, in sentences for the model. */
  | { readonly kind: 'misfit'; readonly complaint: string };

/** Finds the value that a text holds under a form. Throws `invalid_schema` where nothing can be checked against the schema. */
export async function checkForm(text: string, form: WantedForm, checker: SchemaChecker): Promise<FormVerdict> {
  const fitting = new Map<string, Candidate>();
  const complaints: string[] = [];
  for (const candidate of jsonCandidates(text)) {
    const complaint = await complaintOf(candidate, form, checker);
    if (complaint === undefined) fitting.set(JSON.stringify(candidate.value), candidate);
    else complaints.push(complaint);
  }
  const [first, ...others] = fitting.values();
  if (others.length > 0) return { kind: 'misfit', complaint: 'It holds several values that fit; there must be one.' };
  if (first !== undefined) {
    return { kind: 'fits', text: first.text, takenOut: first.takenOut, repaired: first.repaired };
  }
  if (text.trim() === '') return { kind: 'misfit', complaint: 'It was empty.' };
  return { kind: 'misfit', complaint: complaints[0] ?? 'It holds no JSON value that can be parsed.' };
}

async function complaintOf(candidate: Candidate, form: WantedForm, checker: SchemaChecker): Promise<string | undefined> {
  if (form.kind === 'schema' && form.schema !== undefined) return checker.check(form.schema, candidate.text);
  return isJsonObject(candidate.value) ? undefined : 'It is JSON, but no object.';
}
