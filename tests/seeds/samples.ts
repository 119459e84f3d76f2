import { inFile, type TestReference } from '../support/requirement.ts';

/**
 * Every code sample of the five seed pages, and every answer that one of them prints: what a user of these platforms has in front of them
 * while they change the base URL and the key. Data only; samples.test.ts checks that each has its test and that no page is left out.
 */
export interface Sample {
  /** Number of the seed file. */
  readonly page: '000' | '001' | '002' | '003' | '004';
  readonly vendor: 'Segmind' | 'EmpirioLabs' | 'AI/ML API' | 'Vercel AI Gateway';
  readonly what: string;
  /** Where on the page it stands. */
  readonly at: string;
  /** What makes the call there; `-` for what a page prints of an answer. */
  readonly client: 'axios' | 'curl' | 'fetch' | 'requests' | 'ai' | 'HTTP' | '-';
  readonly tests: readonly TestReference[];
  /** Why it does not hold yet; its tests are marked as failing. */
  readonly failsBecause?: string;
}

const page000 = inFile('tests/seeds/000-segmind-qwen3.5-flash.test.ts');
const page001 = inFile('tests/seeds/001-segmind-qwen-flash.test.ts');
const page002 = inFile('tests/seeds/002-empiriolabs.test.ts');
const page003 = inFile('tests/seeds/003-aimlapi.test.ts');
const page004 = inFile('tests/seeds/004-vercel.test.ts');

export const samples: readonly Sample[] = [
  {
    page: '000',
    vendor: 'Segmind',
    what: 'a conversation of three messages posted to the path of qwen3.5-flash',
    at: 'the JavaScript sample below POST',
    client: 'axios',
    tests: [page000('the call of the page, and its data')],
  },
  {
    page: '000',
    vendor: 'Segmind',
    what: 'the helper that makes a local picture base64, for the image parameter',
    at: 'the first function of the sample, and the second prompt tip',
    client: 'axios',
    tests: [page000('a picture made base64 the way the helper does')],
  },
  {
    page: '000',
    vendor: 'Segmind',
    what: 'the catch of the sample, which prints error.response.data',
    at: 'the end of the sample',
    client: 'axios',
    tests: [page000('what the sample prints where the call failed')],
  },
  {
    page: '000',
    vendor: 'Segmind',
    what: 'the response codes 200, 401, 404, 405, 406 and 500 of qwen3.5-flash',
    at: 'HTTP Response Codes',
    client: '-',
    tests: [page000('response code %i')],
  },
  {
    page: '000',
    vendor: 'Segmind',
    what: 'the roles user, assistant and system with a text as content',
    at: 'Attributes',
    client: '-',
    tests: [page000('a message of the role %s')],
  },
  {
    page: '000',
    vendor: 'Segmind',
    what: 'x-remaining-credits in the headers of each answer of qwen3.5-flash',
    at: 'the paragraph below Attributes',
    client: '-',
    tests: [page000('the credits that remain')],
  },
  {
    page: '000',
    vendor: 'Segmind',
    what: 'a final answer after thoughts that nobody asked for',
    at: 'the third question of the FAQs',
    client: '-',
    tests: [page000('it thinks before it answers')],
  },
  {
    page: '001',
    vendor: 'Segmind',
    what: 'a conversation of three messages posted to the path of qwen-flash',
    at: 'the JavaScript sample, numbered 1 to 31',
    client: 'axios',
    tests: [page001('the call of the page, and its data')],
  },
  {
    page: '001',
    vendor: 'Segmind',
    what: 'the catch of the sample of qwen-flash',
    at: 'the end of the sample',
    client: 'axios',
    tests: [page001('what the sample prints where the call failed')],
  },
  {
    page: '001',
    vendor: 'Segmind',
    what: 'x-remaining-credits in the headers of each answer of qwen-flash',
    at: 'the third paragraph below the sample',
    client: '-',
    tests: [page001('the credits that remain')],
  },
  {
    page: '001',
    vendor: 'Segmind',
    what: 'the parameter enable_thinking, without which qwen-flash does not think',
    at: 'the last question, and the list before the use cases',
    client: 'axios',
    tests: [page001('enable_thinking turns on thoughts')],
  },
  {
    page: '001',
    vendor: 'Segmind',
    what: 'structured function calls in tool_calls',
    at: 'the second question',
    client: 'axios',
    tests: [page001('a function call is told in tool_calls')],
  },
  {
    page: '002',
    vendor: 'EmpirioLabs',
    what: 'one message to qwen3-5-flash',
    at: 'Example request',
    client: 'curl',
    tests: [page002('the line of the page in a shell')],
  },
  {
    page: '002',
    vendor: 'EmpirioLabs',
    what: 'the usage of an answer, with cost_usd and tool_usage',
    at: 'Per-tool billing (usage.tool_usage)',
    client: '-',
    tests: [page002('the usage of the page, and none of tools that were not called')],
  },
  {
    page: '002',
    vendor: 'EmpirioLabs',
    what: 'the machine-readable schema of qwen3-5-flash',
    at: 'the last line',
    client: 'HTTP',
    tests: [page002('the schema of the model says what the tables say')],
  },
  {
    page: '002',
    vendor: 'EmpirioLabs',
    what: 'the three endpoints that answer for qwen3-5-flash and its variant',
    at: 'Supported endpoints, in both tables',
    client: 'HTTP',
    tests: [page002('%s on its three endpoints')],
  },
  {
    page: '003',
    vendor: 'AI/ML API',
    what: 'one question to alibaba/qwen3.5-omni-flash in Python',
    at: 'Code Example, tab Python',
    client: 'requests',
    tests: [page003('the Python sample, byte for byte as requests sends it')],
  },
  {
    page: '003',
    vendor: 'AI/ML API',
    what: 'one question to alibaba/qwen3.5-omni-flash in JavaScript',
    at: 'Code Example, tab JavaScript',
    client: 'fetch',
    tests: [page003('the JavaScript sample')],
  },
  {
    page: '003',
    vendor: 'AI/ML API',
    what: 'the answer to that question, with its usage and meta.usage',
    at: 'Code Example, Response',
    client: '-',
    tests: [page003('the printed answer comes back field by field')],
  },
  {
    page: '003',
    vendor: 'AI/ML API',
    what: 'a scene in a video described, in Python',
    at: 'Code example #2: Video analysis, tab Python',
    client: 'requests',
    tests: [page003('the Python sample with a video')],
  },
  {
    page: '003',
    vendor: 'AI/ML API',
    what: 'a scene in a video described, in JavaScript',
    at: 'Code example #2: Video analysis, tab JavaScript',
    client: 'fetch',
    tests: [page003('the JavaScript sample with a video')],
  },
  {
    page: '003',
    vendor: 'AI/ML API',
    what: 'the answer about the video, with video_tokens',
    at: 'Code example #2: Video analysis, Response',
    client: '-',
    tests: [page003('the printed answer about the video')],
  },
  {
    page: '003',
    vendor: 'AI/ML API',
    what: 'the schema of a whole answer',
    at: 'API Schema, application/json',
    client: '-',
    tests: [page003('a whole answer holds to the schema of the page')],
  },
  {
    page: '003',
    vendor: 'AI/ML API',
    what: 'the schema of the chunks of a stream',
    at: 'API Schema, text/event-stream',
    client: '-',
    tests: [page003('each chunk of a stream holds to the schema of the page')],
  },
  {
    page: '004',
    vendor: 'Vercel AI Gateway',
    what: 'streamText with the name of the model and a prompt',
    at: 'index.ts, below the badges',
    client: 'ai',
    tests: [page004('the call of the page, on the real engine'), page004('what its result tells')],
  },
];
