/** The API's description (OpenAPI 3.1) out of the routes and their schemas. A tool: the registry serves what it wrote. */
import { toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import { type ProblemCode, problemSchema, problems } from '../../../../gateway/contract/registration.ts';
import { version } from '../../../../gateway/version.ts';
import type { Route } from '../route.ts';

/** The description of these calls as text. */
export function describeApi(routes: readonly Route[]): string {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:([a-z]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operation(route) };
  }
  const document = {
    openapi: '3.1.0',
    info: {
      title: 'Swipe registry',
      version,
      description:
        'The terminal registration cloud. Where a content type is application/jose, the schema is that of the payload of a JWS in compact serialisation (RFC 7515).',
    },
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem: schemaOf(problemSchema, 'output') },
    },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

const usual: readonly ProblemCode[] = ['malformed', 'tooLarge', 'tooMany', 'failed', 'busy'];
const withToken: readonly ProblemCode[] = ['unauthorized', 'forbidden', 'notFound'];

function operation({ summary, scope, path, query, body, answer, problems: own = [] }: Route): object {
  const codes = [...usual, ...(scope === undefined ? [] : withToken), ...own];
  const named = [...path.matchAll(/:([a-z]+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const asked = Object.entries(query ?? {}).map(([name, description]) => ({
    name,
    in: 'query',
    description,
    schema: { type: 'string' },
  }));
  const parameters = [...named, ...asked];
  return {
    summary: scope === undefined ? summary : `${summary} Scope: ${scope}.`,
    ...(scope === undefined ? {} : { security: [{ token: [] }] }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: contentOf(body, 'input') } }),
    responses: {
      ...(answer === undefined
        ? { 204: { description: 'done' } }
        : { 200: { description: 'done', content: contentOf(answer, 'output') } }),
      ...refusals(codes),
    },
  };
}

function refusals(codes: readonly ProblemCode[]): Record<string, object> {
  const statuses = [...new Set(codes.map((code) => problems[code][0]))].sort();
  return Object.fromEntries(
    statuses.map((status) => {
      const these = codes.filter((code) => problems[code][0] === status);
      const description = [...new Set(these)].map((code) => `${code}: ${problems[code][1]}`).join('; ');
      const schema = { $ref: '#/components/schemas/Problem' };
      return [status, { description, content: { 'application/problem+json': { schema } } }];
    }),
  );
}

const contentOf = (schemas: Readonly<Record<string, v.GenericSchema>>, mode: 'input' | 'output'): object =>
  Object.fromEntries(
    Object.entries(schemas).map(([type, schema]) => [type, { schema: schemaOf(schema, mode) }]),
  );

type RegexAction = v.RegexAction<string, undefined>;

function schemaOf(schema: v.GenericSchema, typeMode: 'input' | 'output'): object {
  const { $schema: _, ...converted } = toJsonSchema(schema, {
    target: 'draft-2020-12',
    typeMode,
    overrideAction({ valibotAction, jsonSchema }) {
      const { type } = valibotAction;
      // What a JSON Schema cannot say stands in words.
      if (type === 'check') {
        const rule = (valibotAction as v.CheckAction<unknown, string>).message;
        return { ...jsonSchema, $comment: `also checked: ${rule}` };
      }
      if (type === 'starts_with') return { ...jsonSchema, pattern: '^-----BEGIN ' };
      // Draft 2020-12 reads patterns as with the flag "u"; valibot's converter only drops it.
      const { requirement } = valibotAction as RegexAction;
      if (type === 'regex' && requirement.flags === 'u')
        return { ...jsonSchema, pattern: requirement.source };
      return undefined;
    },
  });
  return converted;
}
