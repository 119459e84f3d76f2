import {
  anyOf,
  anything,
  exactly,
  flag,
  listOf,
  nullable,
  objectOf,
  option,
  otherThan,
  ref,
  said,
  text,
  wholeFrom,
  wordOf,
} from '../../model/json-schema.ts';
import type { JsonObject } from '../../model/json.ts';
import {
  functionName,
  samplingFields,
  serverToolFields,
  streamCondition,
  thinkingFields,
  visionFields,
} from '../openai-chat/request-schema.ts';

/** How a response is kept and found again. */
const keeping: JsonObject = {
  store: option('Whether the response is kept, to be found by its id and gone on from.', flag),
  previous_response_id: option('The response whose input and output come before this input. Not beside conversation.', text),
  conversation: said(
    'The conversation that this response is added to, and whose items come before its input.',
    anyOf(text, objectOf({ id: text }, ['id']), { type: 'null' }),
  ),
  background: option('Runs on whether the caller stays or not; the response is found by its id. Not beside store: false.', flag),
  metadata: option('Is kept with the response.', {
    type: 'object',
    maxProperties: 16,
    propertyNames: { maxLength: 64 },
    additionalProperties: { ...text, maxLength: 512 },
  }),
  truncation: option(
    'auto: leaves out the oldest items of an input that is too long. disabled: refuses it.',
    wordOf('auto', 'disabled'),
  ),
};

const fields: JsonObject = {
  model: said('Id of a model. `GET /v1/models` lists them.', { ...text, minLength: 1 }),
  input: said(
    'What is said, oldest first. May be left out where something comes before it.',
    anyOf(text, listOf(ref('ResponseInputItem')), { type: 'null' }),
  ),
  instructions: option('What the system says first. Not taken over from an earlier response.', text),
  max_output_tokens: option('The most tokens of thoughts and answer together.', wholeFrom(1)),
  include: option('What to tell beyond the usual: "reasoning.encrypted_content", "message.output_text.logprobs".', listOf(text)),
  top_logprobs: option('How many alternatives to tell for each token, where log probabilities are included.', wholeFrom(0, 20)),
  text: option(
    'The form of the answer.',
    objectOf({ format: nullable(ref('ResponseFormat')), verbosity: said('Goes to the host.', anything) }),
  ),
  tools: option('What the model may call.', listOf(ref('ResponseTool'), { maxItems: 128 })),
  tool_choice: nullable(said('Whether and which tool the model must call.', ref('ResponseToolChoice'))),
  parallel_tool_calls: option('Whether the model may call several tools at once.', flag),
  stream: option('Sends the answer as it is written, as server-sent events.', flag),
  stream_options: option('Options of a stream. Needs stream.', { type: 'object' }),
  disable_formatting: option('Leaves the marks of sources out of the text.', flag),
  ...keeping,
  ...samplingFields,
  ...thinkingFields,
  ...visionFields,
  ...serverToolFields,
};

const hasInput = anyOf(
  objectOf({ input: text }, ['input']),
  objectOf({ input: { type: 'array', minItems: 1 } }, ['input']),
  objectOf({ previous_response_id: text }, ['previous_response_id']),
  objectOf({ conversation: { type: ['string', 'object'] } }, ['conversation']),
);

/** What the body of a request is made of, items left out. */
export const requestDefinitions: Readonly<Record<string, JsonObject>> = {
  ResponseRequest: {
    ...said(
      'Fields that are not listed go to the host as they are where it speaks this protocol, and are announced as dropped where it does not.',
      objectOf(fields, ['model']),
    ),
    allOf: [streamCondition, hasInput],
  },
  ResponseFormat: {
    oneOf: [
      objectOf({ type: exactly('text') }, ['type']),
      said('Any JSON object.', objectOf({ type: exactly('json_object') }, ['type'])),
      said(
        'JSON of a schema.',
        objectOf(
          {
            type: exactly('json_schema'),
            name: functionName,
            description: option('What the answer is for.', text),
            schema: option('JSON Schema of the answer.', { type: 'object' }),
            strict: option('Whether the schema must be kept.', flag),
          },
          ['type', 'name'],
        ),
      ),
    ],
  },
  ResponseTool: anyOf(
    objectOf(
      {
        type: exactly('function'),
        name: functionName,
        description: option('What it does and when to call it.', text),
        parameters: option('JSON Schema of its arguments.', { type: 'object' }),
        strict: option('Whether the arguments must keep the schema.', flag),
      },
      ['type', 'name'],
    ),
    said(
      'A tool that a server runs: web_search, web_extractor, code_interpreter, web_search_image and image_search run here; others go to hosts of this protocol.',
      objectOf({ type: otherThan('function') }, ['type']),
    ),
  ),
  ResponseToolChoice: anyOf(
    wordOf('none', 'auto', 'required'),
    objectOf({ type: exactly('function'), name: text }, ['type', 'name']),
    said('Another kind, which goes to hosts of this protocol as it is.', objectOf({ type: otherThan('function') }, ['type'])),
  ),
};
