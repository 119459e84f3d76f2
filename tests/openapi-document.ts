/** What is promised of the OpenAPI document, as in requirements.ts. */
import { inFile, type Requirement, type TestReference } from './support/requirement.ts';

const document = inFile('tests/openapi/document.test.ts');
const requests = inFile('tests/openapi/requests.test.ts');
const answers = inFile('tests/openapi/answers.test.ts');
const lookUps = inFile('tests/openapi/look-ups.test.ts');
const page = inFile('tests/openapi/reference-page.test.ts');

export const openapiDocument: readonly Requirement[] = [
  row(
    'an OpenAPI 3.1 document of every route of every dialect',
    document('is OpenAPI 3.1 by the schema of its authors'),
    document('describes every route'),
    document('says nothing of routes that there are not'),
    document('offers at each path of the document the methods'),
  ),
  row(
    'the schemas of requests say what the readers take',
    requests('accepts what the reader accepts'),
    requests('accepts nothing that the reader refuses'),
    requests('one wrong value is a 400 that names its path'),
    document('are all in the request of the chat dialect'),
  ),
  row(
    'the schemas of answers say what is written',
    answers('is told by the schema of its answers'),
    answers('is told by the schema of its events'),
    answers('is told by the schema of its errors'),
    lookUps('no look-up was left out'),
  ),
  row(
    'a reference page that works offline',
    page('loads nothing, from here or from anywhere'),
    page('may run only the script and the style'),
    page('shows every operation and every schema'),
  ),
];

function row(what: string, ...tests: readonly TestReference[]): Requirement {
  return { what, source: 'OpenAPI Specification 3.1.1', tests };
}
