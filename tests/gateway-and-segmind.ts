/** What is promised of the gateway of the AI SDK and of Segmind's API, as in requirements.ts. */
import { inFile, type Requirement, type TestReference } from './support/requirement.ts';

const gateway = inFile('tests/contract/gateway.test.ts');
const gatewayWire = inFile('src/protocols/ai-gateway/wire-laws.test.ts');
const gatewayRequests = inFile('src/protocols/ai-gateway/request-laws.test.ts');
const gatewayAnswers = inFile('src/protocols/ai-gateway/answer-laws.test.ts');
const gatewayTypes = inFile('src/protocols/ai-gateway/write-answer.test.ts');
const segmindApi = inFile('tests/contract/segmind.test.ts');
const segmindWire = inFile('src/protocols/segmind/segmind.test.ts');
const router = inFile('src/http/router.test.ts');

const seed004 = 'seed 004';
const client = 'client of the gateway, 3.0.232 and 4.0.146';
const seed000 = 'seed 000';
const seeds = 'seeds 000 and 001';

export const gatewayAndSegmind: readonly Requirement[] = [
  row('streamText with the name of a model, a base URL and a key', seed004, gateway('the call of the page')),
  row('gateway: cost, route and generation id, which getGenerationInfo finds', client, gateway('with its id, route and cost')),
  row('gateway: configurable reasoning, thoughts before the text', seed004, gateway('reasoning comes before the text')),
  row('gateway: tool calling, in parallel and forced', seed004, gateway('parallel tools run'), gateway('a forced tool call')),
  row('gateway: structured output', seed004, gateway('structured output')),
  row('gateway: file input', seed004, gateway('files reach the model')),
  row('gateway: what has no effect is a warning', client, gateway('what has no effect is told as a warning')),
  row('gateway: sources and spoken answers', client, gateway('sources of a cited text'), gateway('a spoken answer is a file')),
  row(
    'gateway: errors are of the classes of the client, and name the field as the caller wrote it',
    client,
    gateway('errors before the answer are of the classes'),
    gateway('a wrong value is an invalid request'),
    gateway('an error in the middle of a stream'),
    gatewayTypes('a fault has the type that the client makes a class of'),
    gatewayWire('%s'),
  ),
  row('gateway: an abort frees the engine', client, gateway('an abort frees the engine')),
  row('gateway: getAvailableModels with prices for one token', client, gateway('the models that there are')),
  row('gateway: getCredits and getSpendReport', client, gateway('credits and spend')),
  row('gateway: both versions of the specification', client, gateway('a client of the other specification')),
  row(
    'gateway: answers hold to the types of the specification',
    'issue 4, to show',
    gatewayTypes('a whole answer is a result of specification 4'),
    gatewayTypes('a whole answer is a result of specification 3'),
    gatewayTypes('a stream is the parts of specification 4'),
  ),
  row(
    'gateway: nothing is lost in silence, in requests and in answers',
    'issue 4, purpose',
    gatewayWire('is the call itself'),
    gatewayRequests('differs only where a notice names the place'),
    gatewayAnswers('a whole answer comes back'),
    gatewayAnswers('a stream comes back the same way'),
  ),
  row(
    'Segmind: the samples of both pages, with axios, fetch and curl',
    seeds,
    segmindApi('as it is written, with axios'),
    segmindApi('with fetch'),
    segmindApi('with curl'),
  ),
  row('Segmind: any model of the catalogue by its id or alias', 'issue 4', segmindApi('any model by its id')),
  row(
    'Segmind: the image parameter, enable_thinking and tool calls',
    seeds,
    segmindApi('the parameters of the pages'),
    segmindWire('%s belongs to what the user said last'),
  ),
  row(
    'Segmind: 401, 404, 405, 406 and what a failing server answers',
    seed000,
    segmindApi('401 for a key'),
    segmindApi('404 for what does not exist'),
    segmindApi('406 for missing credits'),
    segmindApi('500 and its like'),
  ),
  row('Segmind: x-remaining-credits on every answer', seeds, segmindApi('and the credits that remain on every answer')),
  row(
    'Segmind: paths of other APIs stay theirs',
    'issue 4',
    segmindApi('routes of other APIs are no models'),
    router('takes a path of its own for no parameter'),
  ),
  row(
    'Segmind: what is read is what chat completions read',
    'issue 4, purpose',
    segmindWire('a body reads as the same body of chat completions'),
  ),
];

function row(what: string, source: string, ...tests: readonly TestReference[]): Requirement {
  return { what, source, tests };
}
