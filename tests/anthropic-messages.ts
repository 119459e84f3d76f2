/** What is promised of Anthropic Messages, as in requirements.ts. */
import { inFile, type Requirement, type TestReference } from './support/requirement.ts';

const sdk = inFile('tests/contract/anthropic.test.ts');
const others = inFile('tests/contract/anthropic-others.test.ts');
const early = inFile('src/exchange/early-input.test.ts');
const engine = inFile('src/engine/local-engine.test.ts');
const wireLaws = inFile('src/protocols/anthropic-messages/wire-laws.test.ts');
const requestLaws = inFile('src/protocols/anthropic-messages/request-laws.test.ts');
const answerLaws = inFile('src/protocols/anthropic-messages/answer-laws.test.ts');

export const anthropicMessagesPromises: readonly Requirement[] = [
  row(
    "Anthropic's own client on both lines: whole, streamed, metered",
    sdk('a whole answer of the real engine, metered'),
    sdk('the same answer streamed'),
    sdk('the beta resources of the client'),
  ),
  row(
    'its clients of others: whole and streamed',
    others('a whole answer of the real engine'),
    others('a stream with reasoning before the text'),
  ),
  row(
    'message_start carries a real count of the input, corrected at the end',
    sdk('the first event knows the input to the token'),
    sdk('a host that tells its usage last'),
    sdk('a host that never tells its usage'),
    others('its input is what the first event told'),
    early('are counted here where it tells them last'),
    early("are the host's where it tells them before its first part"),
    engine('knows the tokens of an input before it is run'),
  ),
  row('count_tokens says what the call is billed', sdk('what countTokens says')),
  row(
    'tools in parallel, and their results in the next turn',
    sdk('a forced tool call of the real engine'),
    sdk('calls in parallel, answered in the next turn'),
    others('tools in parallel are run and answered'),
    others('calls in parallel and prior thoughts go back'),
  ),
  row(
    'thoughts within their budget go back with the next turn',
    sdk('a thought of the real engine'),
    others('a thought goes back with the next turn'),
  ),
  row('structured output by output_config.format', sdk('a JSON schema holds'), others('structured output')),
  row('an abort of its clients frees the engine', sdk('an abort ends the stream at once'), others('an abort frees the engine')),
  row(
    "errors in Anthropic's envelope with its types and statuses, before and in a stream",
    sdk('errors come as the errors that the client knows'),
    sdk('an error in the middle of a stream'),
    sdk('a model that cannot answer now is a 529'),
    sdk('unknown paths and methods answer in the envelope'),
    others('an error has our words'),
  ),
  row(
    "the models in Anthropic's form for its clients alone",
    sdk('the list of models, page after page'),
    sdk('who is no client of Anthropic'),
  ),
  row('both headers for the key, both generations of anthropic-version, any anthropic-beta', sdk('version %s')),
  row('every event with its name in a line of its own, in the order of the clients', sdk('every event has its name')),
  row(
    'read and written again it is the same, in both directions and at both ends',
    wireLaws('is the body itself where it was in normal form'),
    requestLaws('differs only where a notice names the place'),
    answerLaws('a stream comes back with its parts in their order'),
  ),
];

function row(what: string, ...tests: readonly TestReference[]): Requirement {
  return { what: `Anthropic Messages: ${what}`, source: 'issue 4, item 2', tests };
}
