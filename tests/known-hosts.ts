/** What is promised of hosts that are known by name and of what each kind of host is sent, as in requirements.ts. */
import { inFile, type Requirement, type TestReference } from './support/requirement.ts';

const settings = inFile('src/config/provider-settings.test.ts');
const resolved = inFile('src/main/resolve-provider.test.ts');
const keys = inFile('src/providers/key-ring.test.ts');
const words = inFile('src/providers/openai-compatible/apply-host-words.test.ts');
const wire = inFile('tests/wire/requests.test.ts');
const thinking = inFile('tests/wire/thinking.test.ts');
const hosts = inFile('tests/wire/hosts.test.ts');
const documents = inFile('tests/wire/documents.test.ts');
const usage = inFile('tests/cli/usage.test.ts');
const captures = inFile('src/protocols/openai-chat/captures.test.ts');

const providers = 'issue 5, providers';

export const knownHostsPromises: readonly Requirement[] = [
  row(
    'a known host takes three lines of YAML',
    providers,
    settings('of a preset needs nothing but its name and its key'),
    resolved('$name serves models of the catalogue'),
    documents('shows configurations that are right'),
  ),
  row(
    'a known host appears where the environment has its key, and says where it came from',
    providers,
    settings('makes that host a provider, whose source is the variable'),
    settings('makes no provider where the name is taken, or where the operator wants none'),
    usage('a key of a known host in the environment makes a provider'),
  ),
  row(
    'a key of the environment is not sent to another address than its host',
    providers,
    settings('is not put beside %s', 'base_url: "http://127.0.0.1:1/v1"'),
  ),
  row(
    'regions of a host have their address and their prices',
    providers,
    resolved('in the region that the operator names'),
    hosts("callers pay the host's price of the region"),
  ),
  row(
    'several keys of a provider take turns, and refused and throttled ones rest',
    providers,
    keys('keys are taken in turn'),
    keys('a key that rests is passed over'),
    hosts('keys are used in turn'),
  ),
  row(
    'no key stands in an answer, a log or an explanation',
    providers,
    hosts('where every key is refused'),
    settings('no key of any kind is ever shown'),
  ),
  row('an account brings its own key for a provider', providers, hosts('an account that brings its own key')),
  row(
    'a variant has its own limits, parameters and price list',
    'issue 5, variants',
    resolved('of a variant are its own'),
    words('that takes less than others gets less'),
  ),
  row(
    'no parameter reaches a host that does not document it',
    'issue 5, to show',
    wire('is sent what it documents and nothing else'),
    wire('is told, at every level'),
  ),
  row('every way to say how to think means the same', 'issue 5, thinking', thinking('$reader says "$wish" with $said')),
  row('each kind of host is told in its own words how to think', 'issue 5, thinking', thinking('in its own words: %s (%s)')),
  row(
    'cache marks reach hosts that have them, the last four where there are more',
    'issue 5, caching',
    words('reach a host that has them'),
    words('of more than four the last four are sent'),
    words('do not reach %s, which has none', 'vllm'),
  ),
  row(
    'explicit and implicit cache reads are kept apart where the host tells',
    'issue 5, caching',
    captures('cached tokens lie inside the total, and an explicit cache says so'),
    captures('cached tokens without a type are of a cache that nobody asked for'),
  ),
  row('omni models are always asked to stream', providers, words('comes in a stream, whatever the caller wants')),
  row('content that a host has no part for is refused', providers, words('is refused with its place')),
  row(
    'captures of every kind of host read the same split anywhere',
    'issue 5, to show',
    captures('reads the same with its bytes split anywhere'),
    captures('a thought once, whatever its field is called', 'vercel/reasoning-stream'),
  ),
];

function row(what: string, source: string, ...tests: readonly TestReference[]): Requirement {
  return { what, source, tests };
}
