import type { Notice } from '../../model/notice.ts';
import type { AnswerForm, GenerateRequest, Thinking } from '../../model/request.ts';
import type { Abilities, Held } from './abilities.ts';
import type { WantedForm } from './form-check.ts';
import { callInstruction, formInstruction, instructed, type ForcedChoice } from './instructions.ts';

/** How a request is put to one host, and what its answer has to keep to. */
export interface Approach {
  /** As the host gets it. */
  readonly request: GenerateRequest;
  /** As it is asked again: what the host holds by itself is left to it then, and thoughts are not thought twice. */
  readonly again: GenerateRequest;
  readonly notices: readonly Notice[];
  /** True: the text waits until the answer is whole and was found right. False: it is looked at in passing. */
  readonly holds: boolean;
  readonly form?: WantedForm;
  readonly call?: ForcedChoice;
}

/** What a host is asked for a request, by what it holds of it. Pure. */
export function approach(request: GenerateRequest, abilities: Abilities): Approach {
  const { toolChoice: choice, tools } = request;
  // A text that is continued has neither form nor tools.
  if (request.continues !== undefined) return untouched(request);
  if ((choice?.kind === 'required' || choice?.kind === 'function') && tools.length > 0)
    return forCall(request, choice, abilities);
  const { toolChoice: _, ...unforced } = request;
  const asked = choice?.kind === 'none' && !abilities.noCall ? { ...unforced, tools: [] } : request;
  const { form, modalities = [] } = asked;
  // Of an answer that is spoken the text is a transcript.
  if ((form.kind !== 'json' && form.kind !== 'schema') || modalities.includes('audio')) return untouched(asked);
  return forForm(asked, form, abilities);
}

function untouched(request: GenerateRequest): Approach {
  return { request, again: request, notices: [], holds: false };
}

/** What is done about a wish. */
type Way =
  | 'left-to-host'
  /** Thinking is switched off for it. Nobody asked the model to think. */
  | 'left-to-unthinking-host'
  | 'instructed'
  | 'instructed-and-left-to-host';

function wayOf(held: Held, thinking: Thinking): Way {
  switch (held) {
    case 'always':
      return 'left-to-host';
    case 'unsure':
      return 'instructed-and-left-to-host';
    case 'never':
      return 'instructed';
    case 'without-thinking':
      if (isOff(thinking)) return 'left-to-host';
      return thinking.kind === 'unsaid' ? 'left-to-unthinking-host' : 'instructed';
  }
}

function forForm(request: GenerateRequest, form: WantedForm, abilities: Abilities): Approach {
  const mayCall = request.tools.length > 0 && request.toolChoice?.kind !== 'none';
  const way = mayCall && !abilities.formBesideTools ? 'instructed' : wayOf(abilities[form.kind], request.thinking);
  switch (way) {
    case 'left-to-host':
      return { ...untouched(request), form };
    case 'left-to-unthinking-host': {
      const unthinking = { ...request, thinking: off(request.thinking) };
      return { ...untouched(unthinking), notices: [unthought('a form of the answer')], form };
    }
    case 'instructed':
    case 'instructed-and-left-to-host': {
      const told = { ...request, turns: instructed(request.turns, formInstruction(form, mayCall)) };
      const next = formOnceMore(form, abilities);
      return {
        request: way === 'instructed' ? { ...told, form: helpfulForm(request, form, abilities, mayCall) } : told,
        again: {
          ...told,
          ...askedPlainly(request.thinking, next === undefined ? 'never' : abilities[next.kind]),
          form: next ?? unsaid,
        },
        notices: [instead('response_format', 'the form of the answer')],
        holds: true,
        form,
      };
    }
  }
}

/** A host without schemas may still hold JSON, which is half of the way. */
function helpfulForm(request: GenerateRequest, form: WantedForm, abilities: Abilities, mayCall: boolean): AnswerForm {
  if (abilities.schema !== 'never' || !isOfObjects(form) || (mayCall && !abilities.formBesideTools)) return unsaid;
  return wayOf(abilities.json, request.thinking) === 'left-to-host' ? { kind: 'json' } : unsaid;
}

function formOnceMore(form: WantedForm, abilities: Abilities): WantedForm | undefined {
  if (abilities[form.kind] !== 'never') return form;
  return isOfObjects(form) && abilities.json !== 'never' ? { kind: 'json' } : undefined;
}

/** `json_object` is for objects only. */
function isOfObjects(form: WantedForm): boolean {
  return form.kind === 'schema' && form.schema?.['type'] === 'object';
}

const unsaid = { kind: 'unsaid' } as const;

function forCall(asked: GenerateRequest, choice: ForcedChoice, abilities: Abilities): Approach {
  const { request, notices } = withoutLostForm(asked, abilities);
  const call = namedWhereAlone(choice, request, abilities);
  const held = call.kind === 'function' ? abilities.namedCall : abilities.anyCall;
  const way = wayOf(held, request.thinking);
  const { toolChoice: _, ...unforced } = request;
  switch (way) {
    case 'left-to-host':
      return { ...untouched({ ...request, toolChoice: call }), notices, call };
    case 'left-to-unthinking-host': {
      const unthinking = { ...request, toolChoice: call, thinking: off(request.thinking) };
      return { ...untouched(unthinking), notices: [...notices, unthought('a forced call')], call };
    }
    case 'instructed':
    case 'instructed-and-left-to-host': {
      const told = { ...unforced, turns: instructed(request.turns, callInstruction(call)) };
      const forced = { ...told, toolChoice: call };
      return {
        request: way === 'instructed' ? told : forced,
        again: { ...(held === 'never' ? told : forced), ...askedPlainly(request.thinking, held) },
        notices: [...notices, instead('tool_choice', 'the choice of a tool')],
        holds: true,
        call,
      };
    }
  }
}

/** A call that must be made goes before a form, because an answer that is a call has no text. */
function withoutLostForm(
  request: GenerateRequest,
  abilities: Abilities,
): { readonly request: GenerateRequest; readonly notices: readonly Notice[] } {
  const { form } = request;
  if (form.kind !== 'json' && form.kind !== 'schema') return { request, notices: [] };
  if (abilities[form.kind] === 'always' && abilities.formBesideTools) return { request, notices: [] };
  const notice = { code: 'ignored', path: 'response_format', message: 'An answer that is a call has no text.' } as const;
  return { request: { ...request, form: unsaid }, notices: [notice] };
}

/** Where there is one tool, any call is a call of it; some hosts hold only a choice by name. */
function namedWhereAlone(choice: ForcedChoice, { tools }: GenerateRequest, { anyCall, namedCall }: Abilities): ForcedChoice {
  const [only, ...others] = tools;
  const isAlone = choice.kind === 'required' && only !== undefined && others.length === 0;
  return isAlone && anyCall === 'never' && namedCall !== 'never' ? { kind: 'function', name: only.name } : choice;
}

/** When asked again the model has thought already. Where nobody said that it should think, nothing is said of it but what the host needs. */
function askedPlainly(thinking: Thinking, held: Held): { readonly thinking?: Thinking } {
  return thinking.kind === 'on' || held === 'without-thinking' ? { thinking: off(thinking) } : {};
}

function isOff({ kind, effort }: Thinking): boolean {
  return kind === 'off' || (kind === 'unsaid' && effort === 'none');
}

function off({ preserve }: Thinking): Thinking {
  return { kind: 'off', ...(preserve === undefined ? {} : { preserve }) };
}

function unthought(what: string): Notice {
  const message = `This host holds ${what} only while the model does not think, so thinking was switched off.`;
  return { code: 'clamped', path: 'enable_thinking', message };
}

function instead(path: string, what: string): Notice {
  const message = `This host does not hold ${what} for this request: the model was instructed, and its answer is checked before it is given.`;
  return { code: 'moved', path, message };
}
