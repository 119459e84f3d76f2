/*
 * What this program promises so far, where each promise comes from, and the tests that prove it. Data only; requirements.test.ts
 * checks that every test is there. "Seed 002" is EmpirioLabs' page of qwen3-5-flash, "seed 003" AI/ML API's of
 * qwen3.5-omni-flash. Client rules were measured in 2026-11 by taking every field away in turn from nine client libraries.
 */
import { adminAndWebhooks } from './admin-and-webhooks.ts';
import { anthropicMessagesPromises } from './anthropic-messages.ts';
import { booksAndBills } from './books-and-bills.ts';
import { engineCache } from './engine-cache.ts';
import { gatewayAndSegmind } from './gateway-and-segmind.ts';
import { guaranteedOutput } from './guaranteed-output.ts';
import { hostsOfOtherProtocols } from './hosts-of-other-protocols.ts';
import { keysAndLimits } from './keys-and-limits.ts';
import { knownHostsPromises } from './known-hosts.ts';
import { liveRouting } from './live-routing.ts';
import { openapiDocument } from './openapi-document.ts';
import { openrouterAndLegacy } from './openrouter-and-legacy.ts';
import { seedSamples } from './seed-samples.ts';
import { attemptsAtHosts } from './attempts-at-hosts.ts';
import { spendAndOwnKeys } from './spend-and-own-keys.ts';
import { responsesApi } from './responses-api.ts';
import { inFile, type Requirement, type TestReference } from './support/requirement.ts';
import { translations } from './translations.ts';

const effect = inFile('tests/contract/parameters.test.ts');
const badParameters = inFile('tests/bad-input/parameters.test.ts');
const badMessages = inFile('tests/bad-input/messages.test.ts');
const badSchemas = inFile('tests/bad-input/schemas.test.ts');
const badEnvelopes = inFile('tests/bad-input/envelope.test.ts');
const fuzz = inFile('tests/fuzz/server.test.ts');
const aborts = inFile('tests/aborts/aborts.test.ts');
const openai = inFile('tests/contract/openai.test.ts');
const aiSdk = inFile('tests/contract/ai-sdk.test.ts');
const langchain = inFile('tests/contract/langchain.test.ts');
const answers = inFile('src/protocols/openai-chat/write-answer.test.ts');
const captures = inFile('src/protocols/openai-chat/captures.test.ts');
const wireLaws = inFile('src/protocols/openai-chat/wire-laws.test.ts');
const requestLaws = inFile('src/protocols/openai-chat/request-laws.test.ts');
const answerLaws = inFile('src/protocols/openai-chat/answer-laws.test.ts');
const clients = inFile('src/protocols/openai-chat/real-clients.test.ts');
const serve = inFile('src/exchange/serve.test.ts');
const admission = inFile('src/exchange/admission.test.ts');
const engine = inFile('src/engine/local-engine.test.ts');
const forms = inFile('src/engine/forms.test.ts');
const prefixes = inFile('src/engine/prefix-reuse.test.ts');
const supervision = inFile('src/engine/supervision.test.ts');
const listener = inFile('src/http/listener.test.ts');
const routing = inFile('src/routing/routing.test.ts');

/** A request parameter: its wrong values are refused with its path; right ones have an effect, arrive at a host, or are announced. */
function parameter(name: string, source: string, proofs: readonly Proof[], ...tests: readonly TestReference[]): Requirement {
  const told = proofs.map((proof) => proofTests[proof](name));
  return { what: `parameter ${name}`, source, tests: [badParameters('of a wrong type is refused', name), ...told, ...tests] };
}

const proofTests = {
  range: (name: string) => badParameters('out of its range is refused', name),
  arrives: (name: string) => effect('arrives as it was said', name),
  announced: (name: string) => effect('is announced as ignored', name),
  likeliest: (name: string) => effect('leaves only the likeliest', name),
  repeats: (name: string) => effect('changes what greedy writing', name),
} as const;
type Proof = keyof typeof proofTests;

const parameters: readonly Requirement[] = [
  parameter('model', 'seeds 002, 003', ['range'], effect('model: who answers')),
  parameter('messages', 'seed 003', ['range'], effect('messages: all that is said'), effect('messages of every role')),
  parameter('temperature', 'seeds 002, 003', ['range', 'likeliest', 'arrives']),
  parameter('top_p', 'seeds 002, 003', ['range', 'likeliest', 'arrives']),
  parameter('max_tokens', 'seeds 002, 003', ['range', 'arrives'], effect('max_tokens limits the answer')),
  parameter('enable_thinking', 'seeds 002, 003', ['arrives'], effect('enable_thinking and reasoning_effort')),
  parameter('thinking_budget', 'seeds 002, 003', ['range', 'arrives'], effect('thinking_budget ends the thought')),
  parameter('reasoning_effort', 'seed 002', ['range'], effect('enable_thinking and'), effect('reasoning_effort arrives')),
  parameter('stop', 'seeds 002, 003', ['range', 'arrives'], effect('stop ends before the text')),
  parameter('response_format', 'seeds 002, 003', ['arrives'], effect('response_format text is free')),
  parameter('vl_high_resolution_images', 'seed 002', ['arrives', 'announced']),
  parameter('max_pixels', 'seed 002', ['range', 'arrives', 'announced']),
  parameter('video_fps', 'seed 002', ['range', 'arrives', 'announced']),
  parameter('treat_images_as_video', 'seed 002', ['arrives', 'announced']),
  parameter('tool_web_search', 'seed 002', ['arrives', 'announced']),
  parameter('tool_web_extractor', 'seed 002', ['arrives', 'announced']),
  parameter('tool_code_interpreter', 'seed 002', ['arrives', 'announced']),
  parameter('tool_web_search_image', 'seed 002', ['arrives', 'announced']),
  parameter('tool_image_search', 'seed 002', ['arrives', 'announced']),
  parameter('disable_formatting', 'seed 002', ['arrives', 'announced']),
  parameter('stream', 'seed 003', [], effect('stream and stream_options.include_usage')),
  parameter('stream_options', 'seed 003', [], effect('stream and stream_options.include_usage')),
  parameter('tools', 'seed 003', ['range', 'arrives'], effect('tools and tool_choice')),
  parameter('tool_choice', 'seed 003', ['range', 'arrives'], effect('tools and tool_choice')),
  parameter('parallel_tool_calls', 'seed 003', ['arrives'], effect('parallel_tool_calls true allows several')),
  parameter('modalities', 'seed 003', ['range', 'arrives'], effect('modalities ["text"]')),
  parameter('audio', 'seed 003', ['arrives', 'announced']),
  parameter(
    'logit_bias',
    'seed 003',
    ['arrives'],
    effect('logit_bias forces a token'),
    badParameters('%s in %j', 'logit_bias.word'),
  ),
  parameter('logprobs', 'seed 003', ['arrives'], effect('logprobs and top_logprobs')),
  parameter('top_logprobs', 'seed 003', ['range', 'arrives'], effect('logprobs and top_logprobs')),
  parameter('frequency_penalty', 'seed 003', ['range', 'repeats', 'arrives']),
  parameter('presence_penalty', 'seed 003', ['range', 'repeats', 'arrives']),
  parameter('prediction', 'seed 003', ['arrives', 'announced']),
  parameter('seed', 'seed 003', ['range', 'arrives'], effect('seed: the same seed says the same')),
  parameter('n', 'OpenAI API reference', ['range', 'arrives'], effect('n gives so many different answers')),
  parameter('max_completion_tokens', 'OpenAI API reference', ['range', 'arrives'], effect('max_tokens limits the answer')),
  parameter('top_k', 'Model Studio documentation', ['range', 'likeliest', 'arrives']),
  parameter('min_p', 'Qwen model cards', ['range', 'likeliest', 'arrives']),
  parameter('repetition_penalty', 'Model Studio documentation', ['range', 'repeats', 'arrives']),
  parameter('preserve_thinking', 'Model Studio documentation', ['announced']),
];

const requests: readonly Requirement[] = [
  row('defaults are those of the page', 'seed 002', effect("the defaults of the model's page")),
  row(
    'an unknown field is carried to a host of the protocol and announced by the engine',
    'issue 2',
    proofTests.arrives('some_field_of_tomorrow'),
    proofTests.announced('some_field_of_tomorrow'),
  ),
  row(
    'the name of a participant is accepted on every role',
    'seed 003',
    effect('messages of every role'),
    proofTests.announced('messages[0].name'),
  ),
  row('read after write is the identity, unknown fields and blocks included', 'law 1', wireLaws('is the body itself')),
  row('a request differs only where a notice names the place', 'law 2', requestLaws('differs only where a notice')),
  row('client and server halves agree', 'law 3', answerLaws('a whole answer comes back'), answerLaws('a stream comes back')),
  row(
    'the fold of the events is the answer, bytes split anywhere',
    'law 4',
    captures('reads the same with its bytes split anywhere'),
  ),
];

const answerFields: readonly Requirement[] = [
  row(
    'id, object, created, model, choices[].index, message, finish_reason, usage, meta',
    'seed 003, reply',
    answers('to the letter'),
    openai('a whole answer of the real engine, metered'),
  ),
  row('message.content, refusal, annotations, tool_calls, reasoning_content', 'seed 003, reply', answers('to the letter')),
  row('message.audio with id, data, transcript, expires_at', 'seed 003, reply', captures('sound beside text')),
  row(
    'logprobs.content and .refusal with token, bytes, logprob, top_logprobs',
    'seed 003, reply',
    effect('logprobs and top_logprobs'),
    captures('with the figures of each token'),
  ),
  row(
    'finish_reason stop, length, tool_calls, content_filter',
    'seed 003, reply',
    effect('stop ends before'),
    effect('max_tokens limits'),
    openai('a forced tool call'),
  ),
  row(
    'usage with its totals and the details of prompt and completion',
    'seed 003, reply',
    answers('to the letter'),
    openai('a whole answer of the real engine, metered'),
  ),
  row(
    'meta.usage.credits_used and usd_spent fit both published bills',
    'seed 003, samples',
    answers("credits add up as on AI/ML API's"),
    inFile('src/metering/charge-lines.test.ts')('the video sample of the AI/ML API'),
  ),
  row(
    'usage.cost_usd and usage.tool_usage, the latter left out when no tool ran',
    'seed 002',
    answers('to the letter'),
    answers('tool_usage is left out'),
  ),
  row(
    'chunks: object, choices[].delta, finish_reason, service_tier, usage at the end',
    'seed 003, SSE',
    answers('goes role, thought, text'),
    answers('tells notices and carried fields'),
  ),
  row('the model that answered is named in model and in a header', 'issue 2', effect('model: who answers')),
];

const clientRules: readonly Requirement[] = [
  row(
    'reasoning_content and reasoning, with reasoning_details',
    'client rule 1',
    answers('to the letter'),
    openai('reasoning arrives in both fields'),
    aiSdk('a stream with reasoning'),
  ),
  row(
    'system_fingerprint is null in a whole reply and absent in a chunk',
    'client rule 2',
    answers('to the letter'),
    answers('goes role, thought, text'),
  ),
  row(
    'every chunk has id, object, created, model, choices; the usage chunk has no choices',
    'client rule 3',
    answers('goes role, thought, text'),
  ),
  row(
    'the first delta of a tool call has index, id, type, name and empty arguments',
    'client rule 4',
    answers('goes role, thought, text'),
  ),
  row(
    'cached_tokens and reasoning_tokens are numbers wherever their objects are sent',
    'client rule 5',
    answers('counts are numbers where none was told'),
  ),
  row(
    'errors are nested and their code is a string',
    'client rule 6',
    answers('a fault has a string as its code'),
    clients('throws the message and code of an error'),
    aiSdk('an error before the answer'),
  ),
  row(
    'an error in a stream has no choices and ends it',
    'client rule 7',
    answers('ends with an error without choices'),
    openai('an error in the middle of a stream'),
    aiSdk('an error in the middle of a stream'),
  ),
  row(
    'comments keep a stream alive and harm no client',
    'client rule 8',
    inFile('src/http/listener-stream.test.ts')('sends heartbeats while the model is silent'),
  ),
  row(
    'both kinds of credentials are accepted everywhere',
    'client rule 13',
    badEnvelopes('both headers are accepted'),
    inFile('src/http/presented-key.test.ts')('takes a key from either header'),
  ),
  row(
    'openai 6 and 7: whole, streamed, tools, json_schema, abort, error',
    'issue 2',
    openai('%s', 'openai-6'),
    openai('a forced tool call'),
    openai('a JSON schema holds'),
    openai('an abort ends the stream'),
  ),
  row(
    'ai 6 and 7 with openai-compatible and alibaba',
    'issue 2',
    aiSdk('%s', 'ai 6, alibaba 1'),
    aiSdk('structured output'),
    aiSdk('a forced tool call'),
    aiSdk('an abort frees the engine'),
  ),
  row(
    '@langchain/openai',
    'issue 2',
    langchain('a whole answer'),
    langchain('a stream'),
    langchain('structured output'),
    langchain('a forced tool call'),
    langchain('an abort frees'),
    langchain('an error has our words'),
  ),
];

const badInput: readonly Requirement[] = [
  row('malformed JSON is a 400 with its place', 'issue 2, bad input', badEnvelopes('%s', 'a trailing comma')),
  row(
    'wrong types and ranges are a 400 with path and what would be right',
    'issue 2, bad input',
    badParameters('of a wrong type'),
    badParameters('out of its range'),
    badMessages('%s'),
  ),
  row('an unknown model is a 404 that says where the list is', 'issue 2, bad input', badEnvelopes('a model that does not exist')),
  row('a body over the limit is a 413', 'issue 2, bad input', badEnvelopes('larger than the limit')),
  row('a wrong method is a 405 with allow', 'issue 2, bad input', badEnvelopes('%s %s', 'method_not_allowed')),
  row('a bad key is a 401', 'issue 2, bad input', badEnvelopes('a key that does not open')),
  row(
    'a schema that cannot be compiled is a 400 with its path',
    'issue 2, bad input',
    badSchemas('a schema that no grammar can be made of'),
  ),
  row(
    'media for a text-only model are a 400 with the path of the part',
    'issue 2, bad input',
    badMessages('%s, to the local model itself', 'a picture'),
    badMessages('while one of text stands in'),
  ),
  row('a tool result without its call is refused', 'issue 2, bad input', badMessages('%s', 'a result without a call')),
  row(
    'context overflow says how many tokens were sent and fit',
    'issue 2, engine',
    badMessages('a prompt longer than the context'),
    engine('refused with both numbers'),
  ),
  row(
    'every answer has x-request-id and request-id',
    'issue 2, operations',
    listener('has its ids and the headers'),
    fuzz('any method, path and headers'),
  ),
  row(
    'fuzzed requests, bytes, paths and headers: no crash, no hang, no 500',
    'issue 2, bad input',
    fuzz('requests with fields dropped'),
    fuzz('bodies with bytes flipped'),
    fuzz('any method, path and headers'),
  ),
];

const lineAndEngine: readonly Requirement[] = [
  row(
    'a client that leaves stops the engine and pays exactly for what it made',
    'issue 2, to show',
    aborts('stops the engine and pays exactly'),
  ),
  row(
    'leaving before the first token or in a queue costs nothing',
    'reliability rules',
    aborts('while its prompt is evaluated'),
    aborts('for a sequence of the engine'),
    aborts('for a place in the server'),
  ),
  row(
    'a host that bills on is read to its end, one that stops is told to',
    'reliability rules',
    aborts('that stops when told'),
    aborts('that bills the whole answer'),
  ),
  row(
    '1,000 aborts leave nothing behind',
    'issue 2, to show',
    aborts('a hundred clients that leave'),
    inFile('tests/aborts/aborts.long.test.ts')('a thousand clients that leave'),
  ),
  row(
    'a native crash fails what is under way with a clear error and nothing else',
    'issue 2, engine',
    aborts('an engine that is killed'),
    supervision('a killed child fails'),
  ),
  row('what is on the bill is in the ledger already', 'issue 2, exchange', serve('what the caller has seen on the bill')),
  row(
    'requests in flight and waiting are bounded: 429 and 503 with retry-after',
    'issue 2, exchange',
    admission('a full queue is refused'),
    admission('a key over its own limit'),
  ),
  row('the same seed writes the same text', 'issue 2, engine', engine('the same seed writes the same text')),
  row('a stop sequence never leaks a piece', 'issue 2, engine', engine('no piece of a stop sequence ever shows')),
  row('an exact thinking budget', 'issue 2, engine', engine('is spent to the token')),
  row('JSON schema and json_object by grammar', 'issue 2, engine', forms('a schema is kept to'), forms('json without a schema')),
  row('prefixes are reused and reported as cached tokens', 'issue 2, engine', prefixes('the next turn of a conversation')),
  row(
    'the local model stands in where no host has the model, and says so',
    'issue 2, engine',
    routing('the local model stands in'),
    effect('model: who answers'),
  ),
];

function row(what: string, source: string, ...tests: readonly TestReference[]): Requirement {
  return { what, source, tests };
}

/** What does not hold yet: each names a test that is marked as failing, and `failsBecause` says why. */
const knownFailures: readonly Requirement[] = [];

export const requirements: readonly Requirement[] = [
  ...parameters,
  ...requests,
  ...answerFields,
  ...clientRules,
  ...badInput,
  ...lineAndEngine,
  ...keysAndLimits,
  ...openapiDocument,
  ...responsesApi,
  ...openrouterAndLegacy,
  ...adminAndWebhooks,
  ...booksAndBills,
  ...anthropicMessagesPromises,
  ...translations,
  ...gatewayAndSegmind,
  ...seedSamples,
  ...guaranteedOutput,
  ...knownHostsPromises,
  ...hostsOfOtherProtocols,
  ...attemptsAtHosts,
  ...spendAndOwnKeys,
  ...liveRouting,
  ...engineCache,
  ...knownFailures,
];
