import { type ConversionConfig, type JsonSchema, toJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { commandSchema } from '../command.ts';
import { configSchema } from '../config.ts';
import { eventSchema, offlineStatusSchema, statusSchema } from '../event.ts';
import * as primitives from '../primitives.ts';
import { resultSchema } from '../result.ts';

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
 * The contract as JSON Schema, draft 2020-12: file name to text. What a JSON Schema cannot say (a valibot check)
 * stands in words in `$comment`.
 */
export function schemaFiles(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(messages).map(([name, { title, description, schema }]) => {
      const converted = toJsonSchema(schema, conversion);
      const file = { $schema: converted.$schema, title, description, ...converted };
      return [`${name}.schema.json`, `${JSON.stringify(withUsedDefinitions(file), null, 2)}\n`];
    }),
  );
}

const conversion: ConversionConfig = {
  target: 'draft-2020-12',
  // What a sender writes: defaults are not filled in yet.
  typeMode: 'input',
  definitions,
  overrideAction({ valibotAction, jsonSchema }) {
    if (isCheck(valibotAction)) return inWords(jsonSchema, valibotAction.message);
    // Draft 2020-12 reads patterns as with the flag "u" (JSON Schema Core §6.4); valibot's converter only drops it.
    if (isUnicodeRegex(valibotAction)) return { ...jsonSchema, pattern: valibotAction.requirement.source };
    return undefined;
  },
};

type CheckAction = v.CheckAction<unknown, string>;
const isCheck = (action: { type: string }): action is CheckAction => action.type === 'check';

type RegexAction = v.RegexAction<string, undefined>;
const isUnicodeRegex = (action: { type: string }): action is RegexAction =>
  action.type === 'regex' && (action as RegexAction).requirement.flags === 'u';

function inWords(jsonSchema: JsonSchema, rule: string): JsonSchema {
  const before = jsonSchema.$comment;
  const words = before === undefined ? `also checked: ${rule}` : `${before}; ${rule}`;
  const isTime = rule.startsWith('an RFC 3339 time');
  return { ...jsonSchema, ...(isTime ? { format: 'date-time' } : {}), $comment: words };
}

function withUsedDefinitions(schema: JsonSchema): JsonSchema {
  const text = JSON.stringify(schema);
  const used = Object.entries(schema.$defs ?? {}).filter(([name]) => text.includes(`"#/$defs/${name}"`));
  return { ...schema, $defs: Object.fromEntries(used) };
}
