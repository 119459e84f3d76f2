/*
 * Faults and notices name fields in the words of chat completions wherever no protocol is known (the catalogue, the engine). Callers of
 * this protocol are told the names that they wrote.
 */
const names: Readonly<Record<string, string>> = {
  model: 'ai-language-model-id',
  messages: 'prompt',
  max_tokens: 'maxOutputTokens',
  top_p: 'topP',
  top_k: 'topK',
  frequency_penalty: 'frequencyPenalty',
  presence_penalty: 'presencePenalty',
  stop: 'stopSequences',
  response_format: 'responseFormat',
  tool_choice: 'toolChoice',
  reasoning_effort: 'reasoning',
  enable_thinking: 'providerOptions.alibaba.enableThinking',
  thinking_budget: 'providerOptions.alibaba.thinkingBudget',
  preserve_thinking: 'providerOptions.alibaba.preserveThinking',
  parallel_tool_calls: 'providerOptions.alibaba.parallelToolCalls',
  min_p: 'providerOptions.flashmux.minP',
  repetition_penalty: 'providerOptions.flashmux.repetitionPenalty',
  logit_bias: 'providerOptions.flashmux.logitBias',
  max_completion_tokens: 'providerOptions.flashmux.maxCompletionTokens',
  logprobs: 'providerOptions.flashmux.logprobs',
  top_logprobs: 'providerOptions.flashmux.topLogprobs',
  vl_high_resolution_images: 'providerOptions.flashmux.highResolutionImages',
  max_pixels: 'providerOptions.flashmux.maxPixels',
  video_fps: 'providerOptions.flashmux.videoFps',
  treat_images_as_video: 'providerOptions.flashmux.imagesAsVideo',
  tool_web_search: 'providerOptions.flashmux.webSearch',
  tool_web_extractor: 'providerOptions.flashmux.webExtractor',
  tool_code_interpreter: 'providerOptions.flashmux.codeInterpreter',
  tool_web_search_image: 'providerOptions.flashmux.webSearchImage',
  tool_image_search: 'providerOptions.flashmux.imageSearch',
  disable_formatting: 'providerOptions.flashmux.plainCitations',
};

/** The path of a field as callers of this protocol write it: `messages[2].content[0]` is `prompt[2].content[0]`. */
export function fieldName(path: string): string {
  const [head = ''] = /^[a-z_]+/.exec(path) ?? [];
  const name = Object.hasOwn(names, head) ? names[head] : undefined;
  return name === undefined ? path : `${name}${path.slice(head.length)}`;
}
