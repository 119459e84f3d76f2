import { FlashmuxError } from '../../model/fault.ts';
import type { Notice } from '../../model/notice.ts';
import type { MediaPart, Part } from '../../model/part.ts';
import type { Turn } from '../../model/turn.ts';
import type { MessagesQuirks } from './messages-quirks.ts';

type Rules = Pick<MessagesQuirks, 'unsignedThoughts' | 'refusesBlank' | 'cacheMarks' | 'media' | 'systemMessages'>;

/**
 * Turns without what this host refuses or does not have. A part that goes leaves an empty text behind, which is not written: so
 * the parts after it keep the places by which later notices name them. Throws `unsupported_media`.
 */
export function fitTurns(
  turns: readonly Turn[],
  rules: Rules,
): { readonly turns: readonly Turn[]; readonly notices: readonly Notice[] } {
  const notices: Notice[] = [];
  const fit = (part: Part, path: string, role: Turn['role']): Part => {
    // What the model itself said in sound or pictures has no place in this protocol, which the codec tells.
    if (part.kind === 'media' && role !== 'assistant') checkMedium(part, path, rules.media);
    const unread = whyUnread(part, rules);
    if (unread !== undefined) {
      notices.push({ code: 'dropped', path, message: unread });
      return { kind: 'text', text: '' };
    }
    const unmarked = withoutMark(part, path, rules, notices);
    if (unmarked.kind !== 'tool-result') return unmarked;
    return { ...unmarked, parts: unmarked.parts.map((inner, index) => fit(inner, `${path}.content[${index}]`, role)) };
  };
  const fitting = turns.map((turn, number): Turn => {
    if (!rules.systemMessages && number > 0 && isOfSystem(turn)) {
      const message = 'This host hears the system before the conversation only; it was moved there.';
      notices.push({ code: 'moved', path: `messages[${number}]`, message });
    }
    return { ...turn, parts: turn.parts.map((part, index) => fit(part, `messages[${number}].content[${index}]`, turn.role)) };
  });
  return { turns: fitting, notices };
}

function isOfSystem({ role }: Turn): boolean {
  return role === 'system' || role === 'developer';
}

/** Undefined for a part that the host reads. */
function whyUnread(part: Part, { unsignedThoughts, refusesBlank }: Rules): string | undefined {
  if (part.kind === 'reasoning') {
    if (unsignedThoughts === 'read' || part.seal?.protocol === 'anthropic-messages') return undefined;
    return 'This host takes back only thoughts that it signed; the answer is kept without it.';
  }
  // Nothing at all is nothing lost: the codec leaves it out in silence, but for the mark or the fields that it may have.
  const isBlank = (part.kind === 'text' || part.kind === 'refusal') && part.text.trim() === '';
  const isSaid = isBlank && (part.text !== '' || part.cacheMark !== undefined || part.carry !== undefined);
  return refusesBlank && isSaid ? 'This host refuses a text of nothing but white space.' : undefined;
}

/** Throws `unsupported_media` for what the host cannot read: without it the answer would be to another question. */
function checkMedium({ medium, source }: MediaPart, path: string, media: Rules['media']): void {
  if (medium !== 'image' && medium !== 'document') throw unsupported(path, `hears and sees no ${medium}`);
  if (source.kind === 'frames') throw unsupported(path, 'reads no lists of pictures; send each of them');
  if (source.kind === 'file') {
    if (!media.includes('file')) throw unsupported(path, 'has no uploaded files; send the content itself');
  } else if (medium === 'document') {
    if (!media.includes('document')) throw unsupported(path, 'reads no documents; send the text of it');
  } else if (source.kind === 'url' && !media.includes('image address')) {
    throw unsupported(path, 'fetches no pictures; send the picture itself, as base64');
  }
}

function unsupported(param: string, what: string): FlashmuxError {
  return new FlashmuxError('unsupported_media', `The host of this model ${what}.`, { param });
}

function withoutMark(part: Part, path: string, { cacheMarks }: Rules, notices: Notice[]): Part {
  if (cacheMarks || part.cacheMark === undefined) return part;
  notices.push({ code: 'dropped', path, message: 'This host caches by itself and reads no marks.' });
  const { cacheMark: _, ...unmarked } = part;
  return unmarked;
}
