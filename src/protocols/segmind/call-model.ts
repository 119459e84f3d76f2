import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';

/*
 * Segmind says the model in the path. A codec reads bodies, so here it stands in the body as `model`, and whoever has the connection moves it
 * there and back.
 */

/** The body with the model of its path. Throws `invalid_request` where the body names another one. */
export function joinModel(body: Json, model: string): Json {
  if (!isJsonObject(body)) return body;
  const said = body['model'];
  if (said !== undefined && said !== null && said !== model) {
    const message = `The path names the model ${JSON.stringify(model.slice(0, 96))} and the body another one; leave "model" out of the body.`;
    throw new FlashmuxError('invalid_request', message, { param: 'model' });
  }
  return { ...body, model };
}

/** Path and body of a call that `writeRequest` made. */
export function splitModel(written: JsonObject): { readonly model: string; readonly body: JsonObject } {
  const { model, ...body } = written;
  return { model: typeof model === 'string' ? model : '', body };
}
