import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';
import { markup, prose, type Html, type Piece } from './markup.ts';
import { isList, textAt } from './read-json.ts';
import { refName, schemaView, typeView } from './schema-view.ts';

/** One operation of the document with where it stands. */
export interface PlacedOperation {
  readonly method: string;
  readonly path: string;
  readonly operation: JsonObject;
}

export function operationId({ operation }: PlacedOperation): string {
  return textAt(operation, 'operationId');
}

/** One operation: what it takes, what it answers, and how clients call it. */
export function operationView(placed: PlacedOperation, components: JsonObject): Html {
  const { method, path, operation } = placed;
  const { description, security } = operation;
  const isOpen = isList(security) && security.length === 0;
  return markup`<section class="operation" id="${operationId(placed)}">
    <h3><span class="method ${method}">${method}</span> <code>${path}</code></h3>
    <p><b>${textAt(operation, 'summary')}.</b> ${isOpen ? 'Needs no key.' : undefined}</p>
    ${typeof description === 'string' ? markup`<p>${prose(description)}</p>` : undefined}
    ${samplesView(operation['x-codeSamples'])}
    ${parametersView(operation['parameters'])}
    ${bodyView(operation['requestBody'])}
    ${responsesView(operation['responses'], components)}
  </section>`;
}

/** Stands where the address of the server does; the script of the page puts in the one that it was loaded from. */
const base = markup`<span class="base">http://127.0.0.1:4400</span>`;

function samplesView(samples: Json | undefined): Piece {
  if (!isList(samples) || samples.length === 0) return undefined;
  return markup`<div class="samples">${samples.map((sample, index) => sampleView(sample, index === 0))}</div>`;
}

function sampleView(sample: Json, isOpen: boolean): Piece {
  if (!isJsonObject(sample)) return undefined;
  const code = textAt(sample, 'source')
    .split('{base}')
    .map((piece, index) => (index === 0 ? markup`${piece}` : markup`${base}${piece}`));
  const state = isOpen ? markup` open` : undefined;
  return markup`<details${state}><summary>${textAt(sample, 'label')}</summary><pre><code>${code}</code></pre></details>`;
}

function parametersView(parameters: Json | undefined): Piece {
  if (!isList(parameters)) return undefined;
  const rows = parameters.map((one) => {
    if (!isJsonObject(one)) return undefined;
    const { required, schema, description } = one;
    return markup`<dt>
        <code>${textAt(one, 'name')}</code>
        <span class="type">${textAt(one, 'in')}, ${typeView(schema)}</span>
        ${required === true ? markup`<b class="tag">required</b>` : undefined}
      </dt>
      <dd>${typeof description === 'string' ? markup`<p>${prose(description)}</p>` : undefined}</dd>`;
  });
  return markup`<h4>Parameters</h4> <dl class="fields">${rows}</dl>`;
}

function bodyView(body: Json | undefined): Piece {
  const contents = contentsOf(body).map((content) => contentView(content));
  return contents.length === 0 ? undefined : markup`<h4>Body</h4> ${contents}`;
}

function contentView([type, schema]: Content): Html {
  return markup`<p>${type}: ${typeView(schema)}</p> ${namedOrWhole(schema)}`;
}

/** A named schema stands further down, once. */
function namedOrWhole(schema: Json | undefined): Piece {
  return refName(schema) === undefined ? schemaView(schema) : undefined;
}

function responsesView(responses: Json | undefined, components: JsonObject): Piece {
  if (!isJsonObject(responses)) return undefined;
  const rows = Object.entries(responses).map(([status, response]) => {
    const told = followed(response, components);
    return markup`<dt><b class="status s${status.charAt(0)}">${status}</b></dt>
      <dd>
        <p>${prose(textAt(told, 'description'))}</p>
        ${contentsOf(told).map((content) => contentView(content))}
      </dd>`;
  });
  return markup`<details class="answers">
    <summary>Answers</summary>
    <dl class="fields">${rows}</dl>
  </details>`;
}

function followed(response: Json, components: JsonObject): JsonObject {
  if (!isJsonObject(response)) return {};
  const target = response['$ref'];
  if (typeof target !== 'string') return response;
  const shared = components['responses'];
  const found = isJsonObject(shared) ? shared[target.replace('#/components/responses/', '')] : undefined;
  return isJsonObject(found) ? found : {};
}

type Content = readonly [type: string, schema: Json | undefined];

function contentsOf(holder: Json | undefined): readonly Content[] {
  const content = isJsonObject(holder) ? holder['content'] : undefined;
  if (!isJsonObject(content)) return [];
  return Object.entries(content).map(([type, media]) => [type, isJsonObject(media) ? media['schema'] : undefined]);
}
