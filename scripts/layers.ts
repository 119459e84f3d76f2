/** The layers of src/ and what each may import. docs/architecture.md prints this table, scripts/check-layers.ts enforces it. */
export interface Layer {
  readonly name: string;
  readonly purpose: string;
  /** Layers whose files it may import; its own always. `all` stands for every layer. */
  readonly mayImport: readonly string[] | 'all';
}

export const layers: readonly Layer[] = [
  { name: 'model', purpose: 'the words: requests, parts, answer events, usage, money, faults, ports', mayImport: [] },
  { name: 'protocols', purpose: 'wire languages as pure codecs, both directions and both ends', mayImport: ['model'] },
  { name: 'metering', purpose: 'usage and a price list to charge lines; pure integer arithmetic', mayImport: ['model'] },
  { name: 'catalogue', purpose: 'models, variants, parameters, limits and prices as data', mayImport: ['model'] },
  { name: 'ledger', purpose: 'accounts, holds, transfers: the rules; storage behind a port', mayImport: ['model'] },
  { name: 'access', purpose: 'API keys', mayImport: ['model'] },
  {
    name: 'sessions',
    purpose: 'kept responses and conversations: what comes before an input; storage behind a port',
    mayImport: ['model', 'telemetry'],
  },
  { name: 'telemetry', purpose: 'log, clock and ids: the only place with time and randomness', mayImport: ['model'] },
  {
    name: 'config',
    purpose: 'the only reader of environment and files of settings; every value knows its source',
    mayImport: ['model'],
  },
  { name: 'net', purpose: 'the only outgoing connections: deadlines, private-address guard', mayImport: ['model', 'telemetry'] },
  {
    name: 'engine',
    purpose: 'the embedded engine: child process, template, parsing, model pulls',
    mayImport: ['model', 'net', 'telemetry'],
  },
  {
    name: 'providers',
    purpose: 'upstreams behind one port; vendor differences are rows in quirks.ts',
    mayImport: ['model', 'protocols', 'engine', 'net', 'telemetry'],
  },
  { name: 'routing', purpose: 'an order to the attempts that may serve it', mayImport: ['model', 'catalogue', 'telemetry'] },
  {
    name: 'exchange',
    purpose: 'the one line: admit, resolve, plan, hold, run, meter, settle',
    mayImport: ['model', 'catalogue', 'access', 'metering', 'ledger', 'routing', 'telemetry'],
  },
  { name: 'dialects', purpose: 'our public APIs: routes, headers, error envelopes', mayImport: ['model', 'protocols'] },
  {
    name: 'http',
    purpose: 'the only listener: routes, bodies, SSE',
    mayImport: ['model', 'dialects', 'exchange', 'access', 'catalogue', 'ledger', 'sessions', 'telemetry'],
  },
  {
    name: 'openapi',
    purpose: 'the OpenAPI document of the route table, and its page for readers',
    mayImport: ['model', 'dialects', 'http'],
  },
  {
    name: 'admin',
    purpose: 'the API of the operator, on a listener of its own',
    mayImport: ['model', 'ledger', 'access', 'catalogue', 'http', 'telemetry'],
  },
  {
    name: 'webhooks',
    purpose: "signed events for the operator's own servers",
    mayImport: ['model', 'net', 'telemetry'],
  },
  {
    name: 'store',
    purpose: 'SQLite, PostgreSQL and memory behind the ports of ledger and access',
    mayImport: ['model', 'ledger', 'access', 'sessions', 'telemetry'],
  },
  { name: 'main', purpose: 'builds everything, on one readable page', mayImport: 'all' },
  { name: 'cli', purpose: 'commands', mayImport: 'all' },
];

/** Doors to the outside, and who may use them. Everybody else gets what comes through them as an argument. */
export interface Door {
  readonly what: string;
  readonly modules: readonly string[];
  /** Member expressions, such as `process.env`. */
  readonly globals: readonly string[];
  readonly layers: readonly string[];
}

export const doors: readonly Door[] = [
  { what: 'listening', modules: ['node:http', 'node:https', 'node:http2', 'ws'], globals: [], layers: ['http'] },
  {
    what: 'outgoing connections',
    modules: ['undici', 'node:net', 'node:tls', 'node:dns', 'node:dns/promises', 'node:dgram'],
    globals: ['fetch'],
    layers: ['net'],
  },
  { what: 'the environment', modules: [], globals: ['process.env', 'process.argv'], layers: ['config', 'cli'] },
  {
    what: 'time and randomness',
    modules: [],
    globals: ['Date.now', 'performance.now', 'Math.random', 'process.hrtime'],
    layers: ['telemetry'],
  },
  { what: 'child processes', modules: ['node:child_process'], globals: [], layers: ['engine', 'cli'] },
  { what: 'the database', modules: ['node:sqlite', 'postgres'], globals: [], layers: ['store'] },
];
