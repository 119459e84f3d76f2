/** What is promised of a conversation that comes in one protocol and leaves in another, as in requirements.ts. */
import { inFile, type Requirement, type TestReference } from './support/requirement.ts';

const matrix = inFile('tests/roundtrip/matrix.test.ts');

export const translations: readonly Requirement[] = [
  row(
    'between any two protocols, both ways: what is not as it was stands in the table of losses and is told',
    matrix('every loss stands in the table and is told where that is due'),
    matrix('each explanation names a row of the losses'),
    matrix('takes no notice of another place for the one that is due'),
  ),
  row('between any two protocols, both ways: ordinary conversations lose nothing', matrix('ordinary conversations lose nothing')),
];

function row(what: string, ...tests: readonly TestReference[]): Requirement {
  return { what, source: 'issue 4, what it must show', tests };
}
