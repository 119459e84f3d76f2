import type { Loss } from '../codec.ts';

/** What chat completions cannot say. A request loses nothing without a notice, but for the rows that say so. */
export const losses: readonly Loss[] = [
  loss(
    'request',
    'turn.tool-result.media',
    'moved',
    'Tool messages hold text. Media follow in a user message after the run of results, with a line that names the call.',
  ),
  loss(
    'request',
    'turn.tool-result.outcome',
    'dropped',
    'A tool message cannot say that the tool failed. "ok" goes without a notice: it is what a reader assumes.',
  ),
  loss('request', 'turn.tool-result.cacheMark', 'moved', 'The mark stands on the last text of the result.'),
  loss(
    'request',
    'turn.with-several-results',
    'moved',
    'Each tool result becomes a message of its own, before what else the turn says. Without a notice where the order stays.',
  ),
  loss(
    'request',
    'turn.assistant.order',
    'moved',
    'An assistant message has thoughts, then content, then a refusal, then sound, then tool calls.',
  ),
  loss('request', 'turn.text.empty', 'dropped', 'A lone empty text is no content. Without a notice: nothing was said.'),
  loss('request', 'turn.text.citations', 'dropped', 'Citations stand in answers only.'),
  loss('request', 'turn.text.logprobs', 'dropped', 'Log probabilities stand in answers only.'),
  loss(
    'request',
    'turn.reasoning.seal of another protocol',
    'dropped',
    'Only the host that made a proof can read it; the text is kept.',
  ),
  loss('request', 'turn.opaque of another protocol', 'dropped', 'A block belongs to the protocol it came from.'),
  loss('request', 'carry of another protocol', 'dropped', 'Unknown fields go back only to the protocol they came from.'),
  loss('request', 'turn.tool-call ran by a server', 'dropped', 'Tool calls here are for the caller to run.'),
  loss(
    'request',
    'turn.tool-call.itemId',
    'dropped',
    "Another protocol's second name for a call. Without a notice: it means nothing here.",
  ),
  loss('request', 'turn.tool-call.cacheMark', 'dropped', 'Only content parts can be marked.'),
  loss(
    'request',
    'turn.media.file of an image, sound or video',
    'dropped',
    'Only documents are named by file id, and earlier audio answers in an assistant message.',
  ),
  loss('request', 'turn.media.audio.format unsaid', 'merged', 'The wire wants a format; wav is assumed.'),
  loss('request', 'turn.media.transcript, id, expiresAt', 'dropped', 'An earlier audio answer goes back by its id alone.'),
  loss(
    'answer',
    'parts of one kind',
    'merged',
    'A whole message has one text, one refusal and one sound; a stream joins neighbours of one kind.',
  ),
  loss(
    'answer',
    'order of kinds',
    'moved',
    'A whole message has thoughts, then text, then tool calls; a stream keeps the order.',
  ),
  loss(
    'answer',
    'tool calls of a type other than function',
    'moved',
    'They come in pieces and are kept whole, so they stand behind the others.',
  ),
  loss('answer', 'parts without content', 'dropped', 'An empty text or thought leaves no trace on the wire.'),
  loss(
    'answer',
    'tool-call ran by a server or provider',
    'dropped',
    'The caller would be asked to run it. Its count stays in usage.tool_usage.',
  ),
  loss('answer', 'media other than one sound', 'dropped', 'Told in the notices of the answer.'),
  loss('answer', 'opaque content', 'dropped', 'The content of an answer is a string. Told in the notices of the answer.'),
  loss('answer', 'media.format', 'dropped', 'The caller named the format in the request.'),
  loss(
    'answer',
    'media.expiresAt told late',
    'moved',
    'OpenAI tells the expiry at the end of a stream; it is carried, because the part has begun.',
  ),
  loss('answer', 'itemId', 'dropped', 'There are no items; the wire has one id a call.'),
  loss('answer', 'carry of another protocol', 'dropped', 'Unknown fields of a host go on only to the protocol they came from.'),
  loss('answer', 'reason other', 'merged', 'Written as stop, with the word of the host in native_finish_reason.'),
  loss('answer', 'usage totals not told', 'merged', 'Written as 0, because clients fail without a number.'),
  loss(
    'answer',
    'usage.input.cacheRead and usage.output.reasoning not told',
    'merged',
    'Written as 0, because clients fail without a number.',
  ),
  loss('answer', 'usage.input.cacheKind implicit', 'dropped', 'Only an explicit cache has a type on the wire.'),
  loss('answer', 'usage.raw', 'dropped', "The host's account with us, at the host's prices."),
  loss('answer', 'bill', 'merged', 'Lines are summed to input, output and tools.'),
  loss('answer', 'logprobs of thoughts and tool calls', 'dropped', 'The model has log probabilities of text and refusals.'),
];

function loss(direction: Loss['direction'], what: string, outcome: Loss['outcome'], why: string): Loss {
  return { direction, what, outcome, why };
}
