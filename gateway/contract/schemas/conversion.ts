import type { ConversionConfig, JsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';

/** How valibot's schemas become JSON Schema here. */
export const conversion: ConversionConfig = {
  target: 'draft-2020-12',
  // What a sender writes: defaults are not filled in yet.
  typeMode: 'input',
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
