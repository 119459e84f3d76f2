/**
 * The version of the AI SDK's language model specification that both ends speak: 3 with `ai` 6 and `@ai-sdk/gateway` 3, 4 with `ai` 7 and
 * `@ai-sdk/gateway` 4. Read from the sources of 3.0.232 and 4.0.146.
 */
export type Specification = 3 | 4;
