/** What is promised of structured output and tool calls on every host, as in requirements.ts. */
import { inFile, type Requirement, type TestReference } from './support/requirement.ts';

const output = inFile('tests/structured/structured-output.test.ts');
const calls = inFile('tests/structured/tool-calls.test.ts');
const engine = inFile('tests/structured/engine.test.ts');
const rules = inFile('src/providers/guaranteed/guaranteed.test.ts');
const laws = inFile('src/providers/guaranteed/guaranteed-laws.test.ts');
const callRules = inFile('src/providers/guaranteed/tool-call-rules.test.ts');
const schemas = inFile('src/providers/guaranteed/compiled-schemas.test.ts');
const checker = inFile('src/providers/guaranteed/schema-checker.test.ts');
const candidates = inFile('src/providers/guaranteed/json-candidates.test.ts');

export const guaranteedOutput: readonly Requirement[] = [
  promise(
    'json_object and json_schema hold on a host that has neither, in each dialect',
    output('chat completions, parsed by the client, after one answer that did not fit'),
    output('chat completions, streamed: thoughts first, then one text, one usage'),
    output('responses, parsed by the client'),
    output('messages, parsed by the client, whole and streamed'),
    output('generateObject and streamObject of the AI SDK'),
    output('json_object'),
  ),
  promise(
    'whatever a host says, the caller gets an answer that keeps to its form or an error, never two texts',
    laws('whatever a host does, the caller gets an answer that keeps to its form, or a fault and no text'),
    rules('after three tries it is a fault that says what was wrong'),
    output('a host that cannot is a clear error'),
  ),
  promise(
    'an answer that took several tries is billed once',
    rules('the usage is the input as it was read first, and the output that was given'),
    output('an answer costs what it would have cost at the first try'),
  ),
  promise(
    'a host that refuses a schema while thinking keeps the thought and the schema',
    rules('a thought that was asked for is kept'),
    rules('where nobody asked for a thought it is switched off, and told'),
    output('a host that holds schemas without thinking keeps the thought, and the schema'),
  ),
  promise(
    'a host that holds forms is left alone, and its text streams',
    rules('the text is not waited for'),
    rules('that it did not hold it is told before the end'),
    output('a host that holds schemas is left alone, and its text streams'),
  ),
  promise('JSON is repaired where it can be meant in one way only', candidates('is repaired'), candidates('is not guessed at')),
  promise(
    'schemas of callers cost bounded time and memory, and fetch nothing',
    schemas('a check that would never end is ended'),
    schemas('a schema that takes too long to compile is refused'),
    schemas('keeps only so many compiled'),
    schemas('are refused with the reason', 'a reference to another document'),
    checker('a schema that takes its time does not hold up the event loop'),
  ),
  promise(
    'an abort leaves nothing running',
    laws('cancelled at any moment, nothing runs on and nothing more is asked'),
    output('a client that leaves while the text is held closes the connection to the host'),
  ),
  promise(
    'tool calls are the same from every host',
    calls('calls in the forms that hosts send'),
    calls('a finish reason that forgets the calls is put right'),
    callRules('ids that are missing or come twice are made, the others stay'),
    callRules('a call of a tool that was not offered passes, and is told'),
  ),
  promise(
    'choices of a tool hold where the host lacks them',
    calls('parallel_tool_calls: false holds'),
    calls('tool_choice: none holds'),
    calls('a named function is called on a host that knows no choice'),
    calls('required is held where the host refuses it while thinking'),
    calls('a model that calls nothing'),
  ),
  promise(
    'the embedded engine holds a schema while the model thinks, and tells what a grammar cannot hold',
    engine('holds while the model thinks'),
    engine('what a grammar cannot say, and the model did not keep to, is told'),
    engine('that no grammar can be made of is refused with its place'),
  ),
];

function promise(what: string, ...tests: readonly TestReference[]): Requirement {
  return { what: `structured output: ${what}`, source: 'docs/structured-output.md', tests };
}
