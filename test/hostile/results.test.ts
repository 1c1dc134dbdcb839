/** Results as the sale system's library reads them: what was signed with its key, to the byte, or nothing. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { resultSchema } from '../../gateway/contract/result.ts';
import { answered } from '../../gateway/payments/endings.ts';
import { readJws, readResult, signText } from '../../gateway/simulators/sale-system.ts';
import { answer } from '../support/records.ts';
import { told } from '../support/results.ts';
import { mutated } from './bytes.ts';
import { hostile } from './inputs.ts';
import { objectText, spoiled, valueText } from './json.ts';
import { forgeries, shopKey } from './signed.ts';

const test = suite('hostile: results');

const result = { ...told(answered(answer('approved', '0000'), false)), sequence: 42 };
const withTarget = { ...result, type: 'status', target: { id: result.id, state: 'finished', result } };
const resultText = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .constantFrom(result, withTarget)
      .chain((one) => spoiled(one))
      .map(objectText),
  },
  { weight: 2, arbitrary: fc.constant(JSON.stringify(result)) },
  { weight: 1, arbitrary: valueText },
);

hostile(
  test,
  'any JSON that the box signs is a result by the contract, or none',
  fc.property(resultText, (text) => {
    const read = readResult(signText(text, shopKey), shopKey);
    const input: unknown = JSON.parse(text);
    assert.is(read !== null, v.is(resultSchema, input));
    if (read !== null) {
      assert.equal(JSON.parse(JSON.stringify(read)), input, 'nothing is added, nothing gets lost');
      assert.ok(read.approvedAmount === null || Number.isSafeInteger(read.approvedAmount));
    }
  }),
);

hostile(
  test,
  'nobody else can tell a result',
  fc.property(forgeries(fc.constant(JSON.stringify(result))), ({ jws, kid }) => {
    // The box writes no byte order mark, and the library knows none.
    const hasMark = jws.startsWith('77u_');
    if (kid === '1c-shop' && !hasMark) assert.equal(readResult(jws, shopKey), result);
    // What "b64" does to a payload is told by "crit" (RFC 7797 §6): alone it means nothing.
    else if (readJws(jws, shopKey) !== null)
      assert.match(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString(), /"b64"/);
  }),
);

const authentic = signText(JSON.stringify(result), shopKey);

hostile(
  test,
  'a result is believed byte for byte, or not at all',
  fc.property(mutated(fc.constant(authentic)), fc.string({ maxLength: 3 }), (bytes, more) => {
    const jws = Buffer.from(bytes).toString('latin1');
    assert.is(readResult(jws, shopKey) !== null, jws === authentic);
    assert.is(readResult(authentic + more, shopKey) !== null, more === '');
  }),
);

test.run();
