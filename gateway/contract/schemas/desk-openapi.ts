/** The description of the desk's API (OpenAPI 3.1) out of its calls. A tool: the desk serves what it wrote. */
import { toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import { commandSchema } from '../command.ts';
import {
  type DeskCall,
  type DeskProblemCode,
  deskCalls,
  deskProblemSchema,
  deskProblems,
  operationViewSchema,
} from '../desk-api.ts';
import { eventSchema, statusSchema } from '../event.ts';
import { resultSchema } from '../result.ts';
import { conversion } from './conversion.ts';

const usual: readonly DeskProblemCode[] = [
  'foreignOrigin',
  'misdirected',
  'tooMany',
  'failed',
  'storageFull',
  'stopping',
];
const toRead: readonly DeskProblemCode[] = ['unsigned', 'clockUnknown'];

/** The description as a document. */
export function deskOpenApi(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const call of deskCalls) paths[call.path] = { ...paths[call.path], [call.method]: operation(call) };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Swipe desk',
      version: '1',
      description:
        'The box on the local network. Where a body is application/jose, the schema is that of the payload of a JWS in compact serialisation (RFC 7515). Reading needs a JWS of a known key as a bearer token: {"box", "use": "read", "issuedAt", "expiresAt"}, at most 15 minutes long.',
    },
    paths,
    components: {
      securitySchemes: { read: { type: 'http', scheme: 'bearer', bearerFormat: 'JWS' } },
      schemas: Object.fromEntries(named.map(([schema, name]) => [name, converted(schema)])),
    },
  };
}

function operation({ summary, path, reads, query, body, answers, problems }: DeskCall): object {
  const parameters = [
    ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => parameter(name ?? '', 'path', undefined)),
    ...Object.entries(query ?? {}).map(([name, description]) => parameter(name, 'query', description)),
  ];
  const responses = Object.entries(answers).map(([status, { type, schema, what }]) => [
    status,
    { description: what, content: { [type]: schema === null ? {} : { schema: schemaOf(schema) } } },
  ]);
  return {
    summary,
    ...(reads ? { security: [{ read: [] }] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: bodyOf(body) }),
    responses: {
      ...Object.fromEntries(responses),
      ...refusals([...usual, ...(reads ? toRead : []), ...problems]),
    },
  };
}

const parameter = (name: string, place: 'path' | 'query', description: string | undefined): object => ({
  name,
  in: place,
  ...(place === 'path' ? { required: true } : {}),
  ...(description === undefined ? {} : { description }),
  schema: { type: 'string' },
});

function bodyOf({ types, schema }: NonNullable<DeskCall['body']>): object {
  const content = Object.fromEntries(types.map((type) => [type, { schema: schemaOf(schema) }]));
  return { required: true, content };
}

function refusals(codes: readonly DeskProblemCode[]): Record<string, object> {
  const statuses = [...new Set(codes.map((code) => deskProblems[code][0]))].sort();
  return Object.fromEntries(
    statuses.map((status) => {
      const these = codes.filter((code) => deskProblems[code][0] === status);
      const description = these.map((code) => `${code}: ${deskProblems[code][1]}`).join('; ');
      return [
        status,
        { description, content: { 'application/json': { schema: schemaOf(deskProblemSchema) } } },
      ];
    }),
  );
}

/** Those that stand in more than one place, or are long. */
const named: readonly (readonly [v.GenericSchema, string])[] = [
  [commandSchema, 'Command'],
  [resultSchema, 'Result'],
  [operationViewSchema, 'Operation'],
  [statusSchema, 'Status'],
  [eventSchema, 'Event'],
  [deskProblemSchema, 'Problem'],
];

function schemaOf(schema: v.GenericSchema): object {
  const name = named.find(([one]) => one === schema)?.[1];
  return name === undefined ? converted(schema) : { $ref: `#/components/schemas/${name}` };
}

function converted(schema: v.GenericSchema): object {
  const { $schema: _, ...rest } = toJsonSchema(schema, conversion);
  return rest;
}
