import type { Loss } from '../codec.ts';

/** What the AI SDK's gateway protocol cannot say. A request loses nothing without a notice, but for the rows that say so. */
export const losses: readonly Loss[] = [
  loss(
    'request',
    'turn.system with several texts',
    'moved',
    'The content of a system message is one string; each text becomes a message of its own.',
  ),
  loss('request', 'turn.system parts other than text', 'dropped', 'A system message is a string.'),
  loss('request', 'turn.system.part.carry', 'dropped', 'A system message has no parts that could hold unknown fields.'),
  loss(
    'request',
    'turn with results of tools and other parts',
    'moved',
    'Results have messages of their own. The turn is cut where they begin and end, in the same order and without a notice.',
  ),
  loss('request', 'turn.user.reasoning and turn.user.tool-call', 'dropped', 'Only an assistant message can hold them.'),
  loss('request', 'turn.text.citations', 'dropped', 'Citations stand in answers only.'),
  loss('request', 'turn.media of frames', 'moved', 'A video given as pictures is sent as pictures, in their order.'),
  loss('request', 'turn.media.file (specification 3)', 'dropped', 'Files are named by address or sent as bytes.'),
  loss(
    'request',
    'turn.tool-result.outcome unsaid',
    'merged',
    'An output that is no error is an output that is well. Without a notice.',
  ),
  loss('request', 'turn.opaque of another protocol', 'dropped', 'A block belongs to the protocol it came from.'),
  loss('request', 'carry of another protocol', 'dropped', 'Unknown fields go back only to the protocol they came from.'),
  loss(
    'request',
    'tool.parameters unsaid',
    'merged',
    'Every tool has a schema; written as that of an object without properties. Without a notice.',
  ),
  loss('request', 'toolChoice of another protocol', 'dropped', 'Its form is not known here.'),
  loss('request', 'answers', 'dropped', 'One call has one answer. Asking for one goes without a notice.'),
  loss('request', 'delivery.usage', 'dropped', 'The usage is always told. Without a notice.'),
  loss('request', 'delivery whole unsaid', 'merged', 'The header that asks for a stream is always sent. Without a notice.'),
  loss('request', 'delivery.carry', 'dropped', 'A stream has no options.'),
  loss('request', 'continues', 'moved', 'A text to continue is sent as the conversation that says the same.'),
  loss('request', 'hidesThoughts', 'dropped', 'Who asked is shown none all the same: it is done here. Without a notice.'),
  loss(
    'request',
    'routing beyond models, order, only, sort, retention, training, timeouts and own keys',
    'dropped',
    'providerOptions.gateway has no words for it.',
  ),
  loss('answer', 'answers after the first', 'dropped', 'One call has one answer.'),
  loss('answer', 'carry of another protocol', 'dropped', 'Unknown fields of a host go on only to the protocol they came from.'),
  loss(
    'answer',
    'media that come in pieces',
    'moved',
    'A file is said whole, so in a stream it stands behind what was said until its end.',
  ),
  loss('answer', 'opaque of another protocol', 'dropped', 'Told in the warnings, or at the end of a stream in the metadata.'),
  loss('answer', 'citation.carry', 'dropped', 'A source has no place for unknown fields of another protocol.'),
  loss('answer', 'usage.input.cacheKind implicit', 'dropped', 'Only an explicit cache has a type in usage.raw.'),
  loss('answer', 'usage.raw', 'dropped', "The host's account with us, at the host's prices."),
  loss(
    'answer',
    'bill',
    'merged',
    'Lines are summed to input, output and tools in usage.raw; the total is providerMetadata.gateway.cost.',
  ),
  loss('answer', 'notices after the first word', 'moved', 'Warnings open a stream; later ones stand in the metadata of its end.'),
  loss('answer', 'reason interrupted', 'merged', 'Read as other, with the word of the host kept.'),
  loss('answer', 'raw chunks', 'dropped', 'What the gateway got from its own host is read by nobody here.'),
];

function loss(direction: Loss['direction'], what: string, outcome: Loss['outcome'], why: string): Loss {
  return { direction, what, outcome, why };
}
