import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';

/*
 * The gateway's client says in headers which model it calls and whether it wants a stream. A codec reads bodies, so here both stand in the
 * body under the names of their headers, and whoever has the connection moves them there and back.
 */

export const modelHeader = 'ai-language-model-id';
export const streamingHeader = 'ai-language-model-streaming';
export const versionHeader = 'ai-language-model-specification-version';

/** The body of a call with what its headers say; a body that is no object stays as it is, for the reader to refuse. */
export function joinCall(body: Json, headers: Readonly<Record<string, string | readonly string[] | undefined>>): Json {
  if (!isJsonObject(body)) return body;
  const { [modelHeader]: _, [streamingHeader]: __, ...rest } = body;
  const said = [modelHeader, streamingHeader].flatMap((name): [string, Json][] => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value]] : [];
  });
  return { ...rest, ...Object.fromEntries(said) };
}

/** What a client sends for a body that `writeRequest` made. */
export function splitCall(written: JsonObject): {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
} {
  const { [modelHeader]: model, [streamingHeader]: streaming, ...body } = written;
  return {
    headers: {
      ...(typeof model === 'string' ? { [modelHeader]: model } : {}),
      ...(typeof streaming === 'string' ? { [streamingHeader]: streaming } : {}),
    },
    body,
  };
}
