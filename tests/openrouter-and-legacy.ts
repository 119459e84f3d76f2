/** What is promised of OpenRouter's API, of the extensions of the seeds, and of the legacy calls, as in requirements.ts. */
import { inFile, type Requirement, type TestReference } from './support/requirement.ts';

const sdk = inFile('tests/contract/openrouter-sdk.test.ts');
const provider = inFile('tests/contract/openrouter-ai-sdk.test.ts');
const dialect = inFile('src/dialects/openrouter/openrouter-dialect.test.ts');
const seeds = inFile('tests/contract/seed-extensions.test.ts');
const completions = inFile('tests/contract/openai-completions.test.ts');
const embeddings = inFile('tests/contract/openai-embeddings.test.ts');

export const openrouterAndLegacy: readonly Requirement[] = [
  openrouter(
    'usage and cost in every answer, streams included',
    sdk('a whole answer is told with what it cost'),
    sdk('a stream tells its usage without being asked'),
    provider('a stream with its thought, its usage and its cost'),
  ),
  openrouter(
    'errors have a number for a code, before a stream and inside one',
    dialect('every fault has a number for a code'),
    sdk('an error before the answer has the status as its code'),
    sdk('an error in the middle of a stream is its last chunk'),
    provider('an error before the answer'),
    provider('an error in the middle of a stream'),
  ),
  openrouter(
    'provider, models, plugins and reasoning are understood or announced',
    dialect('says who should answer'),
    dialect('is refused by its name'),
    sdk('who should answer is read, followed, and announced'),
    provider('routing wishes and plugins of the client'),
    provider('thoughts stay hidden where the caller excludes them'),
  ),
  openrouter(
    'a conversation with tools and thoughts goes on',
    sdk('tools are called in parallel, and their results are answered'),
    sdk('a thought of an earlier answer goes back'),
    provider('tools in parallel, and a second turn'),
    provider('a thought of an earlier answer, whole or streamed'),
    dialect('the proof of a thought survives a client'),
  ),
  openrouter('structured output', sdk('a JSON schema holds'), provider('structured output of the real engine')),
  openrouter('a client that leaves frees the engine', sdk('an abort frees'), provider('an abort frees')),
  openrouter(
    'models, endpoints, credits, key and generation',
    sdk('the models, filtered, sorted and in pages'),
    sdk('a model with its prices by the token and its tiers'),
    sdk('the endpoints of a model'),
    sdk('credits, the key and a generation'),
  ),
  {
    what: 'parameters, ranges and defaults of the pages',
    source: 'seeds 002, 003',
    tests: [seeds('%s: %s'), seeds('is taken to the ends of its range'), seeds('is refused beyond them, by its name')],
  },
  {
    what: 'usage.cost_usd, usage.tool_usage, also of the variant',
    source: 'seed 002',
    tests: [seeds('cost_usd of %s counts its tools'), seeds('tool_usage is left out')],
  },
  {
    what: 'meta.usage with credits and dollars',
    source: 'seed 003',
    tests: [seeds('meta tells the credits and dollars'), seeds('a whole answer has every field of the page')],
  },
  legacy(
    'a raw completion on the embedded engine',
    completions('a text is continued as it stands'),
    completions('a stream says the same as a whole answer'),
    completions('echo puts the prompt before'),
    completions('logprobs tell each token'),
    completions('best_of gives the likeliest'),
    completions('several prompts and several answers'),
    completions('a prompt of token ids'),
    completions('without max_tokens'),
  ),
  legacy('completions of a host that only chats', completions('a host that only chats is asked as a user')),
  legacy('wrong completions are refused by the name of the field', completions('%s is refused by its name')),
  legacy(
    'vectors of the local model and of hosts',
    embeddings('the local model gives vectors of length 1'),
    embeddings('a configured host is asked in its own words'),
    embeddings('floats and base64 are the same numbers'),
    embeddings('token ids are the same text'),
    embeddings('OpenRouter’s clients read the vectors'),
  ),
  legacy(
    'vectors are held, charged and recorded',
    embeddings('what was used is held, charged'),
    embeddings('a host that tells more tokens than there can be'),
    embeddings('a host that sends %s is a 502 that costs nothing'),
    embeddings('a host that does not tell its usage'),
  ),
];

function openrouter(what: string, ...tests: readonly TestReference[]): Requirement {
  return { what: `OpenRouter: ${what}`, source: 'types of @openrouter/sdk 1.3.19; issue 4', tests };
}

function legacy(what: string, ...tests: readonly TestReference[]): Requirement {
  return { what, source: "OpenAI's API reference, legacy completions and embeddings; issue 4", tests };
}
