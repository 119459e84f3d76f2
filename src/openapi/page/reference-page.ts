import { createHash } from 'node:crypto';
import { isJsonObject, type JsonObject } from '../../model/json.ts';
import { Html, markup, prose, type Piece } from './markup.ts';
import { operationId, operationView, type PlacedOperation } from './operation-view.ts';
import { isList, objectAt, textAt } from './read-json.ts';
import { pageScript } from './page-script.ts';
import { pageStyle } from './page-style.ts';
import { schemaId, schemaView } from './schema-view.ts';

/** One file that needs no other: nothing is loaded from anywhere, and the policy allows nothing but what is in it. */
export interface ReferencePage {
  readonly html: string;
  /** Value of the header `content-security-policy`. */
  readonly policy: string;
}

/** The page of a document that `openapiDocument` made. */
export function referencePage(document: JsonObject): ReferencePage {
  const components = objectAt(document, 'components');
  const groups = groupsOf(document);
  const schemas = Object.entries(objectAt(components, 'schemas'));
  const version = textAt(objectAt(document, 'info'), 'version');
  const page = markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>flashmux API</title>
        ${style}
      </head>
      <body>
        <nav>
          <h1>flashmux API</h1>
          <p class="type">${version}, <a href="openapi.json">openapi.json</a></p>
          <input id="filter" type="search" placeholder="Filter" aria-label="Filter" hidden />
          ${groups.map((group) => groupLinks(group))}
          <h2>Schemas</h2>
          <ul>
            ${schemas.map(([name]) => markup`<li><a href="#${schemaId(name)}">${name}</a></li>`)}
          </ul>
        </nav>
        <main>
          <p>${prose(textAt(objectAt(document, 'info'), 'description'))}</p>
          ${groups.map((group) => groupView(group, components))}
          <h2>Schemas</h2>
          ${schemas.map(
            ([name, schema]) =>
              markup`<section class="schema" id="${schemaId(name)}">
                <h3>${name}</h3>
                ${schemaView(schema)}
              </section>`,
          )}
        </main>
        ${script}
      </body>
    </html>
`;
  return { html: page.text, policy };
}

/** Not in the template: what stands in them is hashed, space for space. */
const style = new Html(`<style>${pageStyle}</style>`);
const script = new Html(`<script>${pageScript}</script>`);

const policy = [
  "default-src 'none'",
  `style-src '${hashOf(pageStyle)}'`,
  `script-src '${hashOf(pageScript)}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

interface Group {
  readonly name: string;
  /** Empty where there is none. */
  readonly description: string;
  readonly operations: readonly PlacedOperation[];
}

function groupsOf(document: JsonObject): readonly Group[] {
  const operations = Object.entries(objectAt(document, 'paths')).flatMap(([path, item]) =>
    isJsonObject(item)
      ? Object.entries(item).flatMap(([method, operation]) => (isJsonObject(operation) ? [{ method, path, operation }] : []))
      : [],
  );
  const tags = document['tags'];
  return (isList(tags) ? tags : []).flatMap((tag) => {
    if (!isJsonObject(tag)) return [];
    const name = textAt(tag, 'name');
    const own = operations.filter(({ operation }) => isList(operation['tags']) && operation['tags'].includes(name));
    return [{ name, description: textAt(tag, 'description'), operations: own }];
  });
}

function groupLinks({ name, operations }: Group): Html {
  const links = operations.map(
    (placed) =>
      markup`<li>
        <a href="#${operationId(placed)}"><span class="method ${placed.method}">${placed.method}</span> ${placed.path}</a>
      </li> `,
  );
  return markup`<h2>${name}</h2>
    <ul>
      ${links}
    </ul> `;
}

function groupView({ name, description, operations }: Group, components: JsonObject): Piece {
  return markup`<h2>${name}</h2>
    ${description === '' ? undefined : markup`<p>${prose(description)}</p>`}
    ${operations.map((placed) => operationView(placed, components))}`;
}
