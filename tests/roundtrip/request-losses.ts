import type { ProtocolName } from '../../src/model/protocol.ts';
import type { Explanation } from './explanation.ts';
import type { Difference } from './request-differences.ts';

const sealed: readonly Explanation[] = [
  { what: 'reasoning.seal', row: 'turn.reasoning.seal of another protocol', told: /^dropped .*proof of this thought/ },
];

/** What becomes of a request that is written to a protocol: each difference that was ever seen, with the row of the protocol's losses. */
export const requestLosses: Readonly<Partial<Record<ProtocolName, readonly Explanation[]>>> = {
  'openai-chat': [
    ...foreign(/Chat completions have no (?:place for|further fields)/),
    ...sealed,
    { what: 'media.dropped*', row: 'turn.media.file of an image, sound or video', told: /^dropped .*by file id/ },
    { what: 'media.source', row: 'turn.media.audio.format unsaid', told: /^clamped .*format of the sound/ },
    { what: 'media.carry', row: 'turn.media.audio.format unsaid', told: /^clamped .*format of the sound/ },
    { what: 'media.outside of its result', row: 'turn.tool-result.media', told: /^moved .*no media in tool results/ },
    // Which of two changed places, the picture or what came behind it, is the same thing said twice.
    ...['media', 'tool-result', 'text'].map((kind) => ({
      what: `${kind}.order`,
      row: 'turn.tool-result.media',
      told: /^moved .*no media in tool results/,
    })),
    { what: 'text.added', row: 'turn.tool-result.media', told: /^moved .*no media in tool results/ },
    { what: 'tool-call.dropped*', row: 'turn.tool-call ran by a server', told: /^dropped .*that a server ran/ },
    { what: 'tool-call.cacheMark', row: 'turn.tool-call.cacheMark', told: /^dropped .*no cache mark/ },
    { what: 'tool-call.itemId', row: 'turn.tool-call.itemId' },
    { what: 'tool-result.outcome', row: 'turn.tool-result.outcome', when: wasWell },
    { what: 'tool-result.outcome', row: 'turn.tool-result.outcome', told: /^dropped .*cannot say that a tool failed/ },
    { what: 'tool-result.cacheMark', row: 'turn.tool-result.cacheMark', told: /cache mark/ },
    { what: 'text.cacheMark', row: 'turn.tool-result.cacheMark', told: /^moved .*cache mark of the tool result/ },
    { what: 'turn.role user to tool', row: 'turn.with-several-results' },
    { what: 'turn.split: *', row: 'turn.with-several-results' },
    { what: 'tool-result.order', row: 'turn.with-several-results', told: /^moved .*directly after the calls/ },
    { what: 'text.order', row: 'turn.with-several-results', told: /^moved .*directly after the calls/ },
    ...['reasoning', 'text', 'refusal', 'tool-call'].map((kind) => ({
      what: `${kind}.order`,
      row: 'turn.assistant.order',
      told: /^moved .*has thoughts, then content/,
    })),
  ],
  'openai-responses': [
    ...foreign(/Responses have no place for/),
    ...sealed,
    { what: 'turn.name', row: 'turn.name', told: /^dropped .*names of participants/ },
    { what: 'turn.empty', row: 'turns of the assistant in a row' },
    { what: 'turns.joined: *', row: 'turns of the assistant in a row' },
    { what: 'turn.role user to tool', row: 'turn.with-results' },
    { what: 'turn.split: *', row: 'turn.with-results' },
    { what: 'media.dropped (result)', row: 'turn.tool-result.audio and video', told: /^dropped .*result of a tool holds/ },
    { what: 'media.dropped (user)', row: 'turn.media.video by file or frames', told: /^dropped .*no video by file id/ },
    { what: 'media.dropped (user)', row: 'turn.media.audio by file', told: /^dropped .*no sound by file id/ },
    { what: 'media.source', row: 'turn.media.filename of a picture', told: /^dropped .*file name of a picture/ },
    { what: 'media.source', row: 'turn.media.audio.format unsaid', told: /^clamped .*format of the sound/ },
    { what: 'media.carry', row: 'turn.media.audio.format unsaid', told: /^clamped .*format of the sound/ },
    ...['refusal', 'text'].map((kind) => ({
      what: `${kind}.cacheMark`,
      row: 'turn.assistant.cacheMark',
      told: /^dropped .*no cache mark on what the model said/,
    })),
    { what: 'tool-call.cacheMark', row: 'turn.assistant.cacheMark', told: /^dropped .*no cache mark on a tool call/ },
    { what: 'text.cacheMark', row: 'cacheMark.lifetime', told: /^clamped .*30m or 12h/ },
    { what: 'media.cacheMark', row: 'cacheMark.lifetime', told: /^clamped .*30m or 12h/ },
    { what: 'text.cacheMark', row: 'turn.tool-result.cacheMark', told: /^moved .*cache mark of the tool result/ },
    { what: 'media.cacheMark', row: 'turn.tool-result.cacheMark', told: /^moved .*cache mark of the tool result/ },
    { what: 'tool-result.cacheMark', row: 'turn.tool-result.cacheMark', told: /cache mark/ },
    { what: 'tool-result.outcome', row: 'turn.tool-result.outcome', when: wasWell },
    { what: 'tool-result.outcome', row: 'turn.tool-result.outcome', told: /^dropped .*cannot say that a tool failed/ },
    { what: 'tool-call.dropped*', row: 'turn.tool-call ran by a server', told: /^dropped .*that a server ran/ },
    { what: 'answers', row: 'answers above 1', when: ({ before }) => before === 1 },
    { what: 'answers', row: 'answers above 1', told: /^dropped n:/ },
    { what: 'audio', row: 'modalities, audio', told: /^dropped audio:/ },
    { what: 'modalities', row: 'modalities, audio', when: ({ before }) => !JSON.stringify(before).includes('audio') },
    { what: 'modalities', row: 'modalities, audio', told: /^dropped audio:/ },
    { what: 'prediction', row: 'prediction', told: /^dropped prediction:/ },
    { what: 'logprobs', row: 'logprobs not wanted' },
    { what: 'delivery.usage', row: 'delivery.usage' },
    { what: 'limits.*', row: 'limits.answerTokens', told: /^(?:dropped|moved) max_tokens:/ },
  ],
  'anthropic-messages': [
    ...foreign(/Anthropic Messages have no (?:place for|stream_options|audio)/),
    ...sealed,
    { what: 'turn.role developer to system', row: 'turn.role developer', told: /^moved .*no developer/ },
    { what: 'turn.name', row: 'turn.name', told: /^dropped .*names of participants/ },
    { what: 'turn.empty', row: 'turn.system.empty' },
    { what: 'turns.joined: tool-result and tool-result', row: 'turn.tool results in a row' },
    { what: 'turn.role user to tool', row: 'turn.role of tool results' },
    { what: 'refusal to text', row: 'turn.refusal', told: /^moved .*said as text/ },
    { what: 'media.dropped*', row: 'turn.media.audio and video', told: /^dropped .*have no (?:audio|video)/ },
    { what: 'media.dropped*', row: 'turn.media.frames', told: /^dropped .*list of pictures/ },
    { what: 'media.source', row: 'turn.media.filename', told: /^dropped .*by its id alone/ },
    { what: 'media.source', row: 'turn.media.format unsaid', told: /^clamped .*wants one/ },
    ...['detail', 'framesPerSecond', 'minPixels', 'maxPixels', 'totalPixels'].map((wish) => ({
      what: `media.${wish}`,
      row: 'turn.media.detail, framesPerSecond, pixels',
      told: new RegExp(`^dropped .*wishes of a .*${wish}`),
    })),
    ...['text', 'media', 'tool-call', 'tool-result'].flatMap((kind): readonly Explanation[] => [
      { what: `${kind}.cacheMark`, row: 'turn.cacheMark.lifetimeSeconds', told: /^clamped .*300 or 3600/ },
      { what: `${kind}.cacheMark`, row: 'turn.cacheMark beyond four', told: /^dropped .*the last ones are kept/ },
    ]),
    { what: 'tool-call.argumentsText', row: 'turn.tool-call.argumentsText', when: wasJson },
    { what: 'tool-call.argumentsText', row: 'turn.tool-call.argumentsText', told: /^moved .*INVALID_JSON/ },
    { what: 'tool-call.itemId', row: 'turn.itemId' },
    { what: 'tool-call.dropped*', row: 'turn.tool-call ran by a server', told: /^dropped .*that a s/ },
    { what: 'tools.parameters', row: 'tools.parameters unsaid', when: ({ before }) => before === undefined },
    {
      what: 'toolChoice',
      row: 'parallelToolCalls without a choice',
      when: ({ before, after }) => before === undefined && JSON.stringify(after) === '{"kind":"auto"}',
    },
    {
      what: 'parallelToolCalls',
      row: 'parallelToolCalls without tools, or with choice none',
      told: /^dropped parallel_tool_calls:/,
    },
    { what: 'serverTools*', row: 'serverTools without a counterpart, or not wanted', told: /^dropped tool_/ },
    ...['min_p', 'frequency_penalty', 'presence_penalty', 'repetition_penalty', 'seed', 'logit_bias'].map((name) => ({
      what: `sampling.${camel(name)}`,
      row: 'sampling.minP, penalties, seed, logitBias',
      told: new RegExp(`^dropped ${name}:`),
    })),
    { what: 'limits.*', row: 'limits', told: /^(?:dropped|clamped) max_tokens:/ },
    { what: 'thinking.budgetTokens', row: 'thinking.budgetTokens', told: / thinking_budget:/ },
    { what: 'thinking.kind', row: 'thinking.budgetTokens', told: / thinking_budget:/ },
    { what: 'thinking.kind', row: 'thinking.effort none, minimal', told: / reasoning_effort:/ },
    { what: 'thinking.effort', row: 'thinking.effort none, minimal', told: / reasoning_effort:/ },
    { what: 'thinking.preserve', row: 'thinking.preserve', told: /^dropped preserve_thinking:/ },
    { what: 'form.kind', row: 'form plain', when: ({ before, after }) => before === 'plain' && after === 'unsaid' },
    { what: 'form.*', row: 'form json', told: /^dropped response_format: .*without a schema/ },
    { what: 'form.*', row: 'form.name, description, strict', told: / response_format:/ },
    ...(
      [
        ['answers', 'n'],
        ['logprobs', 'logprobs'],
        ['modalities', 'modalities'],
        ['audio', 'audio'],
        ['vision', '(?:vl_high_resolution_images|max_pixels|video_fps|treat_images_as_video)'],
        ['prediction', 'prediction'],
        ['plainCitations', 'disable_formatting'],
      ] as const
    ).map(([what, name]) => ({
      what,
      row: 'answers, logprobs, modalities, audio, vision, prediction, plainCitations',
      told: new RegExp(`^dropped ${name}:`),
    })),
    { what: 'delivery.usage', row: 'delivery.usage' },
  ],
  'ai-gateway': [
    ...foreign(/gateway protocol has no place for|no options of a stream/),
    { what: 'text.carry', row: 'turn.system.part.carry', told: /^dropped .*no parts that could hold unknown fields/ },
    { what: 'turn.split: text and text', row: 'turn.system with several texts', told: /^moved .*holds one text/ },
    { what: 'turn.split: *', row: 'turn with results of tools and other parts' },
    { what: 'turn.role user to tool', row: 'turn with results of tools and other parts' },
    { what: 'turn.role tool to user', row: 'turn with results of tools and other parts' },
    { what: 'media.medium', row: 'turn.media of frames', told: /^moved .*list of pictures/ },
    { what: 'media.source', row: 'turn.media of frames', told: /^moved .*list of pictures/ },
    { what: 'media.added', row: 'turn.media of frames', told: /^moved .*list of pictures/ },
    { what: 'tool-result.outcome', row: 'turn.tool-result.outcome unsaid', when: ({ before }) => before === undefined },
    { what: 'tools.parameters', row: 'tool.parameters unsaid', when: ({ before }) => before === undefined },
    { what: 'answers', row: 'answers', when: ({ before }) => before === 1 },
    { what: 'answers', row: 'answers', told: /^dropped n:/ },
    { what: 'delivery.said', row: 'delivery whole unsaid' },
    { what: 'delivery.usage', row: 'delivery.usage' },
    { what: 'delivery.carry', row: 'delivery.carry', told: /^dropped stream_options:/ },
  ],
};

/** What belongs to the protocol that it came from, and to no other. */
function foreign(noPlace: RegExp): readonly Explanation[] {
  const carrying = [
    '',
    'audio.',
    'delivery.',
    'tools.',
    'turn.',
    'text.',
    'refusal.',
    'reasoning.',
    'media.',
    'tool-call.',
    'tool-result.',
  ];
  return [
    ...carrying.map((place) => ({ what: `${place}carry`, row: 'carry of another protocol', told: noPlace })),
    { what: 'opaque.dropped*', row: 'turn.opaque of another protocol', told: /^dropped .*place for this block/ },
  ];
}

function wasWell({ before }: Difference): boolean {
  return before === 'ok';
}

function wasJson({ before }: Difference): boolean {
  if (typeof before !== 'string') return false;
  if (before.trim() === '') return true;
  try {
    const value: unknown = JSON.parse(before);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function camel(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
