/** What is promised of who answers, as in requirements.ts. */
import { inFile, type Requirement, type TestReference } from './support/requirement.ts';

const filters = inFile('src/routing/filters.test.ts');
const suffix = inFile('src/routing/model-suffix.test.ts');
const ranking = inFile('src/routing/ranking.test.ts');
const sticky = inFile('src/routing/sticky.test.ts');
const fallbacks = inFile('src/routing/fallback-models.test.ts');
const endpoints = inFile('src/routing/endpoints.test.ts');
const watch = inFile('src/routing/live/host-watch.test.ts');
const circuit = inFile('src/routing/live/circuit.test.ts');
const sketch = inFile('src/routing/live/log-sketch.test.ts');
const recent = inFile('src/routing/live/recent-figures.test.ts');
const routes = inFile('src/http/endpoint-routes.test.ts');
const prices = inFile('src/catalogue/create-catalogue-prices.test.ts');
const live = inFile('tests/routing/live.test.ts');
const simulation = inFile('tests/routing/routing-simulation.test.ts');

export const liveRouting: readonly Requirement[] = [
  row(
    'a host that cannot or may not answer is filtered out, and with nobody left the answer says what removed which',
    filters('%s: a host that cannot is passed over'),
    filters('%s: where nobody can, it is a mistake of the request'),
    filters('a host against the wish is passed over'),
    filters('with no other host the answer is 503'),
    live('a wish that no host fulfils is told'),
    filters('whatever is wished: exactly the hosts that please are planned'),
    filters('no input that fits is ever refused for its length'),
  ),
  row('limits of price are compared exactly', filters('a price limit is compared exactly')),
  row(
    "callers pay what the answering host asks, unless the operator has a price of his own, and the account's mark-up",
    prices('win over what a place asks that answers'),
    ranking('a host with lower limits gets what it can take'),
  ),
  row(
    'order, sort, allow_fallbacks and preferred speeds are followed',
    ranking('named hosts come first'),
    ranking('latency: the fastest first token first'),
    ranking('throughput: the most tokens a second first'),
    ranking('price: input counts three times'),
    ranking('allow_fallbacks: false leaves the first choice'),
    ranking('slower than preferred moves down the list'),
    filters('what has no effect is announced'),
  ),
  row(
    'without a wish a host is drawn by price, speed and weight',
    ranking('a host at half the price is drawn four times as often'),
    ranking('a host that takes twice as long is drawn a quarter as often'),
    ranking('weights of the operator count'),
    ranking('nothing measured: the order of the configuration'),
  ),
  row(
    'other models answer where the named one cannot, each as itself and announced',
    fallbacks('the named model is tried first'),
    fallbacks('each has its own request, limits and price list'),
    fallbacks('a fallback that is not known, not served or not allowed'),
  ),
  row(
    'a conversation stays with the host that has it in its cache',
    sticky('a conversation with a marked beginning goes on'),
    sticky('without marks a conversation goes on'),
    sticky('the host is remembered as long as its cache'),
    sticky('a host that fails, or that the caller does not want'),
    sticky('no more conversations are remembered than is said'),
  ),
  row(
    'a failing host is left alone, found out about by one request, and 429 is no failure',
    circuit('whatever happens, it is asked again within the longest waits'),
    circuit('after its time one call finds out'),
    circuit('each opening doubles the time'),
    ranking('is passed over while another is left'),
    ranking('that was asked too often rests as long as it says'),
    watch('%s'),
    live('a host that fails is not noticed'),
  ),
  row(
    'live figures of every host: latency, throughput and uptime, from sketches within two percent that can be merged',
    sketch('a quantile is within the stated error'),
    sketch('merging is adding'),
    recent('a window holds exactly what was measured'),
    recent('uptime is successes among all calls'),
    watch('latency is the time to the first token'),
  ),
  row(
    'the endpoints of a model are shown with live figures, in our form and that of OpenRouter',
    routes('the endpoints of %s: what each is'),
    routes('the endpoints in the form of OpenRouter'),
    endpoints('every host of a model is shown'),
  ),
  row(
    'at most 0.1 % of the requests fail while a host is healthy, and sorted by latency callers wait at most 10 % too long',
    simulation('sorted by latency: hardly a request fails'),
    simulation('the figures that are told meet the targets'),
    simulation('the circuit keeps requests from hosts that fail'),
    simulation('exploration finds the best host'),
  ),
  row(
    'a suffix of the model says what is wished of its hosts, in every dialect',
    suffix('behind the id of a model is a wish'),
    suffix('a region leaves the hosts'),
  ),
];

function row(what: string, ...tests: readonly TestReference[]): Requirement {
  return { what, source: 'issue 5: routing', tests };
}
