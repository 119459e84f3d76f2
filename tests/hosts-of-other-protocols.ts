/** What is promised of hosts behind HTTP in every wire language, as in requirements.ts. */
import { inFile, type Requirement, type TestReference } from './support/requirement.ts';

const keys = inFile('src/providers/http-host/keys.test.ts');
const oddities = inFile('src/providers/http-host/oddities.test.ts');
const captures = inFile('src/providers/http-host/captures.test.ts');
const messages = inFile('src/providers/anthropic-messages/write-messages-call.test.ts');
const messagesHost = inFile('src/providers/anthropic-messages/create-anthropic-messages.test.ts');
const responses = inFile('src/providers/openai-responses/write-responses-call.test.ts');
const segmind = inFile('src/providers/segmind/create-segmind.test.ts');
const requests = inFile('tests/hosts/requests.test.ts');
const chain = inFile('tests/hosts/chain.test.ts');

const issue = 'issue 5, providers';
const badInput = 'issue 5, what bad input gets';
const wireCheck = 'issue 5, wire check';

export const hostsOfOtherProtocols: readonly Requirement[] = [
  row(
    'several keys of a provider: a refused or throttled one rests, the next is tried at once',
    issue,
    keys('the next key is tried at once'),
    keys('is back after 10 minutes'),
    keys('after a 429'),
    keys('each key is tried once where all are refused'),
    keys('no other key is tried once something was answered'),
    keys('vectors are asked for with one key after the other'),
  ),
  row("an account's own key stands in place of ours", issue, keys('stands in place of ours')),
  row(
    'a host that sends garbage, cuts the stream, repeats, omits or doubles its usage, ends twice or never: one outcome in every language',
    badInput,
    oddities('usage that is told again and again'),
    oddities('usage that was left out is none'),
    oddities('an answer that is ended twice ends once'),
    oddities('a stream that stops before the end failed'),
    oddities('a stream that says it is over without a reason failed'),
    oddities('a connection that breaks failed'),
    oddities('an event that is no JSON'),
    oddities('lines that are no fields'),
    oddities('what comes after the end belongs to nobody'),
    oddities('one huge chunk is read as one'),
    oddities('that is no answer of this language'),
  ),
  row('streams of every host are read the same, split anywhere, over a socket', 'issue 5, captures', captures('split anywhere')),
  row(
    'Anthropic-protocol hosts: limits, budgets and what excludes thinking',
    issue,
    messages('is that of the model where the caller named none'),
    messages('is off where the limit leaves no room'),
    messages('excludes what the guide excludes'),
    messages('gives way to a forced choice'),
    messages('cuts the thoughts, and leaves the answer'),
  ),
  row(
    'Anthropic-protocol hosts: thoughts without their proof never reach Anthropic',
    issue,
    messages('thoughts without proof'),
    messages('goes on after results only with the thoughts that it signed'),
  ),
  row('Anthropic-protocol hosts count an input where they can', issue, messagesHost('asks the host, with no more than')),
  row(
    'Responses-protocol hosts keep nothing, and give thoughts out encrypted',
    issue,
    responses('is told so, whatever the caller said'),
    responses('thoughts are asked for in their encrypted form'),
    responses('thoughts that OpenAI did not encrypt never reach it'),
  ),
  row(
    'Segmind: the call of its pages, and 406 for missing credit',
    'seeds 000 and 001',
    segmind('the call of the pages'),
    segmind('of the pages is'),
  ),
  row(
    'Messages, Responses and Segmind hosts are sent what they document and nothing else',
    wireCheck,
    requests('is sent what it documents and nothing else'),
    requests('is sent what its pages name and nothing else'),
    requests('a field of nobody is refused by it'),
  ),
  row(
    'another flashmux as a host, in each language: nothing is lost that the wire can say',
    issue,
    chain('is the answer that the host behind gave'),
    chain('a conversation of several turns'),
    chain('pictures by address and as bytes'),
    chain('the schema of the answer'),
    chain('a limit of the host behind is a limit here'),
    chain('is an error, and no half of an answer'),
    chain('who leaves frees the host behind'),
    chain('tokens of an input are counted by the host behind'),
  ),
];

function row(what: string, source: string, ...tests: readonly TestReference[]): Requirement {
  return { what, source, tests };
}
