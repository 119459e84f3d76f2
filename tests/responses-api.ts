/** What is promised of the Responses API around its codec, as in requirements.ts. */
import { inFile, type Requirement, type TestReference } from './support/requirement.ts';

const kept = inFile('tests/responses/kept-responses.test.ts');
const background = inFile('tests/responses/background.test.ts');
const replicas = inFile('tests/responses/replicas.test.ts');
const conversations = inFile('tests/responses/conversations.test.ts');
const sockets = inFile('tests/responses/sockets.test.ts');
const socketEnds = inFile('src/http/responses/response-sockets.test.ts');
const settings = inFile('tests/responses/settings.test.ts');
const aiSdk = inFile('tests/responses/ai-sdk.test.ts');
const langchain = inFile('tests/responses/langchain.test.ts');
const rules = inFile('src/sessions/create-sessions.test.ts');
const fitting = inFile('src/http/responses/fit-to-context.test.ts');
const replay = inFile('src/dialects/openai-responses/replayed-events.test.ts');
const seals = inFile('src/dialects/openai-responses/own-seals.test.ts');

export const responsesApi: readonly Requirement[] = [
  row(
    'a response is kept for its account, listed, and removed',
    kept('a response is found again by its id'),
    kept('the input of a response is listed'),
    kept('a removed response is not there'),
    kept('another account finds nothing of it'),
    kept('a stream that fails after it began'),
    kept('the same Idempotency-Key gives the same response'),
    kept('the stream helper ends with the response that is kept'),
  ),
  row(
    'previous_response_id, item_reference and tools through them',
    kept('a response goes on from an earlier one'),
    kept('a call of a tool is answered through the response'),
    kept('an item is named by its id'),
    kept('what is wrong in an input is named by its place'),
    rules('is all inputs and outputs'),
  ),
  row(
    'what is kept is bounded, and forgotten after its time',
    rules('may have 1,000 responses'),
    rules('may have 32 MB'),
    rules('a response of more than 8 MB'),
    rules('is kept as long as it is gone on from'),
    rules('a response that nobody used'),
    rules('a conversation is kept from its last use on'),
    settings('with responses.keep_days 0'),
    settings('with responses.store_by_default false'),
  ),
  row(
    'store: false leaves nothing behind, and encrypted reasoning goes back and forth',
    kept('store: false leaves nothing behind'),
    aiSdk('the same conversation with store: false'),
    langchain('a conversation with its thoughts'),
    seals('get the same one in a stream and in a whole answer'),
    seals('has its thought from the seal'),
    settings('what is asked to be included'),
  ),
  row(
    'truncation auto leaves out the oldest items',
    fitting('the oldest items go until the rest fits'),
    fitting('an input that fits by its size'),
    fitting('a result does not stay without its call'),
  ),
  row('stored prompts are refused', kept('a stored prompt is refused')),
  row(
    'background responses run without their caller, and are cancelled',
    background('a response is queued, runs without its caller'),
    background('a response that fails says why'),
    background('a cancelled response stops its host'),
    background('a server that shuts down waits'),
    replicas('watched and cancelled from the other server'),
    replicas('a response whose server died'),
  ),
  row(
    'GET with stream and starting_after takes events up where they were left',
    background('a stream that broke off is taken up again'),
    background('a response that was not in the background is replayed'),
    replicas('the stream of a response that the other server runs'),
    replay('gathers from the replay of a response'),
  ),
  row(
    'conversations',
    conversations('a conversation is made, described, found'),
    conversations('responses go on from a conversation'),
    conversations('items are added, found, named'),
    conversations('another account finds nothing of a conversation'),
  ),
  row('compaction', conversations('a conversation is compacted'), seals('is a message of the developer')),
  row('input tokens', conversations('the input of a response is counted')),
  socket('the events of a stream as messages', sockets('the events of a turn are those of the same stream')),
  socket(
    'sequential turns, with memory of the connection for store: false',
    sockets('turns come one after the other'),
    sockets('several turns asked for at once'),
    sockets('a turn that generates nothing'),
    sockets('what is kept is found over HTTP'),
    sockets('has its conversation over a socket'),
  ),
  socket(
    'structured error events that leave the connection open',
    sockets('is an error event, and the connection stays'),
    sockets('an error in the middle of a turn'),
    sockets('a cancelled turn ends with an error'),
  ),
  socket(
    'a connection ends: after 60 minutes, without its client, with the server',
    socketEnds('a connection that has had its time'),
    socketEnds('a client that answers no ping'),
    socketEnds('a client that does not read'),
    sockets('a connection that closes stops its turn'),
    sockets('a server that shuts down lets a turn end'),
    sockets('a message larger than a body may be'),
  ),
  row(
    'the AI SDK on both lines, with stored items',
    aiSdk('a conversation names its earlier items'),
    aiSdk('parallel tools run, and their results come back'),
    aiSdk('structured output of the real engine'),
    aiSdk('an error in the middle of a stream'),
    aiSdk('an abort frees the engine'),
  ),
  row(
    'LangChain through the Responses API',
    langchain('a stream'),
    langchain('parallel tools and their results'),
    langchain('an error has our words'),
    langchain('an abort frees the engine'),
  ),
];

function row(what: string, ...tests: readonly TestReference[]): Requirement {
  return { what: `Responses: ${what}`, source: 'issue 4, OpenAI Responses', tests };
}

function socket(what: string, ...tests: readonly TestReference[]): Requirement {
  return { what: `Responses over a WebSocket: ${what}`, source: 'Open Responses specification, 2026-04-24', tests };
}
