import { type JsonSchema, toJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { commandSchema } from '../command.ts';
import { configSchema } from '../config.ts';
import { eventSchema, offlineStatusSchema, statusSchema } from '../event.ts';
import * as primitives from '../primitives.ts';
import { resultSchema } from '../result.ts';
import { conversion } from './conversion.ts';
import { deskOpenApi } from './desk-openapi.ts';

interface Message {
  title: string;
  description: string;
  schema: v.GenericSchema;
}

const messages: Readonly<Record<string, Message>> = {
  command: {
    title: 'Command',
    description:
      'The payload of a JWS on swipe/v1/{box}/commands. Beyond this schema: expiresAt is later than issuedAt, by at most 15 minutes.',
    schema: commandSchema,
  },
  result: {
    title: 'Result',
    description: 'The payload of a JWS on swipe/v1/{box}/results.',
    schema: resultSchema,
  },
  event: {
    title: 'Event',
    description: 'What the box says on swipe/v1/{box}/events, for information only.',
    schema: eventSchema,
  },
  status: {
    title: 'Status',
    description: 'What is retained on swipe/v1/{box}/status; the second form is the last will.',
    schema: v.union([statusSchema, offlineStatusSchema]),
  },
  config: {
    title: 'Config',
    description:
      "The gateway's config file. Beyond this schema: a kid only once; cert and key together; defaultMerchant is a name out of merchants, or an index.",
    schema: configSchema,
  },
};

// Named once in `$defs` and referred to; the others are shorter where they stand.
const { operationId, boxId, keyId, timestamp, amount, amountOrZero, currency, merchant, order } = primitives;
const { rrn, invoice, authCode, agreement } = primitives;
const definitions = {
  ...{ operationId, boxId, keyId, timestamp, amount, amountOrZero, currency, merchant, order },
  ...{ rrn, invoice, authCode, agreement },
};

/**
 * The contract as JSON Schema, draft 2020-12, and the desk's API as OpenAPI: file name to text. What a JSON Schema cannot say (a valibot check)
 * stands in words in `$comment`.
 */
export function schemaFiles(): Record<string, string> {
  const schemas = Object.fromEntries(
    Object.entries(messages).map(([name, { title, description, schema }]) => {
      const converted = toJsonSchema(schema, { ...conversion, definitions });
      const file = { $schema: converted.$schema, title, description, ...converted };
      return [`${name}.schema.json`, textOf(withUsedDefinitions(file))];
    }),
  );
  return { ...schemas, 'desk.openapi.json': textOf(deskOpenApi()) };
}

const textOf = (document: object): string => `${JSON.stringify(document, null, 2)}\n`;

function withUsedDefinitions(schema: JsonSchema): JsonSchema {
  const text = JSON.stringify(schema);
  const used = Object.entries(schema.$defs ?? {}).filter(([name]) => text.includes(`"#/$defs/${name}"`));
  return { ...schema, $defs: Object.fromEntries(used) };
}
