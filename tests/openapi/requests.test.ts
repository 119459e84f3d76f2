import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FlashmuxError } from '../../src/model/fault.ts';
import { isJsonObject, type Json, type JsonObject } from '../../src/model/json.ts';
import { ref } from '../../src/model/json-schema.ts';
import { fuzzRuns, lawRuns } from '../support/arbitraries/fuzz-runs.ts';
import { candidates, pathText, placesOf, replaced } from '../support/json-schema/places.ts';
import { schemaArbitrary } from '../support/json-schema/schema-arbitrary.ts';
import { isList, SchemaChecker } from '../support/json-schema/schema-checker.ts';
import { agreements } from './agreements.ts';

describe.each(agreements)('the request schema of $name', ({ definitions, request, read, known, beyond, isElsewhere }) => {
  const checker = new SchemaChecker(definitions);
  const schema = ref(request);
  const { allOf: _, ...withoutConditions } = checker.resolve(schema);
  const bodies = bodiesOf(checker.resolve(schema), checker);
  const refusal = (body: Json): FlashmuxError | undefined => {
    try {
      read(body);
      return undefined;
    } catch (error) {
      if (FlashmuxError.is(error)) return error;
      throw error;
    }
  };

  test.skipIf(known === undefined)('accepts what the reader accepts', () => {
    fc.assert(
      fc.property(known ?? fc.constant({}), (body) => {
        expect(refusal(body)?.message).toBeUndefined();
        expect(checker.complaint(schema, body)).toBeUndefined();
      }),
      { numRuns: lawRuns },
    );
  });

  test('accepts nothing that the reader refuses', () => {
    fc.assert(
      fc.property(bodies, (body) => {
        const { message } = refusal(body) ?? {};
        if (message !== undefined && beyond.some((rule) => rule.test(message))) return;
        expect(message).toBeUndefined();
      }),
      { numRuns: fuzzRuns },
    );
  });

  test('refuses nothing that the reader accepts: one wrong value is a 400 that names its path', () => {
    let broken = 0;
    fc.assert(
      fc.property(known === undefined ? bodies : fc.oneof(bodies, known), fc.nat(), fc.nat(), (body, somewhere, something) => {
        fc.pre(refusal(body) === undefined);
        const places = placesOf(schema, body, checker);
        const place = places[somewhere % places.length];
        if (place === undefined) return;
        const values = candidates(place);
        const value = values[something % values.length];
        const wrong = replaced(body, place.path, value);
        if (!isJsonObject(wrong) || checker.accepts(schema, wrong)) return;
        const fault = refusal(wrong);
        // Without its tag, or with another one, an object is judged as one of another kind.
        const isTag = place.path.at(-1) === 'type' || place.path.at(-1) === 'role';
        const path = isTag ? pathText(place.path.slice(0, -1)) : toldPath(place.path, value);
        if (isElsewhere(path, wrong, fault?.param)) return;
        if (fault === undefined) throw new Error(`${path} is not refused in ${JSON.stringify(wrong)}`);
        broken++;
        expect(fault.row.status).toBe(400);
        // Of two fields that do not go together, either may be named.
        if (checker.accepts(withoutConditions, wrong)) return;
        expect(isAt(fault.param, path), `${fault.param} is not ${path}: ${fault.message}`).toBe(true);
      }),
      { numRuns: 2 * lawRuns },
    );
    // Most values are wrong at most places; where few were, the property has looked at nothing.
    expect(broken).toBeGreaterThan(lawRuns / 4);
  });
});

/**
 * Each field of the body is there in as many bodies as any other, and so is each pair of fields of which one needs the other: chance
 * alone would seldom bring them there.
 */
function bodiesOf(schema: JsonObject, checker: SchemaChecker): fc.Arbitrary<JsonObject> {
  const { properties = {}, required = [], allOf = [] } = schema;
  const fields = isJsonObject(properties) ? properties : {};
  const always = isList(required) ? required : [];
  const single = Object.keys(fields).map((name) => ({ ...schema, required: [...new Set([...always, name])] }));
  const paired = (isList(allOf) ? allOf : []).flatMap((condition) => {
    const needed = bothSides(condition);
    if (needed === undefined) return [];
    const narrowed = Object.entries(needed).map(([name, more]) => [name, { ...objectOr(fields[name]), ...objectOr(more) }]);
    const names = [...new Set([...always, ...Object.keys(needed)])];
    return [{ ...schema, required: names, properties: { ...fields, ...Object.fromEntries(narrowed) } }];
  });
  return fc.oneof(...[...single, ...paired].map((one) => schemaArbitrary(one, checker))).filter((body) => isJsonObject(body));
}

/** The fields of "where the first are so, the others must be so too", as `needs` writes it. */
function bothSides(condition: Json): JsonObject | undefined {
  const sides = isJsonObject(condition) ? condition['anyOf'] : undefined;
  const [unless, other] = isList(sides) ? sides : [];
  const one = isJsonObject(unless) ? unless['not'] : undefined;
  if (!isJsonObject(one) || !isJsonObject(other)) return undefined;
  return { ...objectOr(one['properties']), ...objectOr(other['properties']) };
}

function objectOr(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** The path, or one inside it. */
function isAt(param: string | undefined, path: string): boolean {
  return param === path || (param !== undefined && (param.startsWith(`${path}.`) || param.startsWith(`${path}[`)));
}

/** What is missing is told by its own path, but an entry that is missing by the path of its list. */
function toldPath(path: readonly (string | number)[], value: Json | undefined): string {
  return pathText(value === undefined && typeof path.at(-1) === 'number' ? path.slice(0, -1) : path);
}
