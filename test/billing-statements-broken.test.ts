import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readCamt053 } from '../provisioning/registry/billing/statements/camt/read.ts';
import type { Statement } from '../provisioning/registry/billing/statements/shapes.ts';
import { isRefusal } from '../provisioning/registry/refusal.ts';
import { camt, entry, inPieces } from './fixtures/billing/camt.ts';

const test = suite('billing statements: broken camt.053');

const read = (text: string | Uint8Array): Promise<Statement> => readCamt053(inPieces(text, 100));

async function refused(text: string | Uint8Array, pattern: RegExp): Promise<void> {
  try {
    await read(text);
  } catch (error) {
    assert.ok(isRefusal(error, 'malformed'), String(error));
    assert.match((error as Error).message, pattern);
    return;
  }
  assert.unreachable(`taken, though ${pattern}`);
}

test('what is no camt.053 is refused by what it is', async () => {
  await refused('', /document must contain a root element/);
  await refused('%PDF-1.7', /line 1: found .*, allowed: well-formed XML/);
  await refused(
    camt(entry()).replace('camt.053.001.08', 'camt.052.001.08'),
    /a Document of camt\.053\.001\.02 to/,
  );
  await refused(camt(entry()).replace('camt.053.001.08', 'camt.053.001.01'), /a Document of camt\.053/);
  await refused(camt(entry()).replaceAll('BkToCstmrStmt', 'BkToCstmrAcctRpt'), /allowed: BkToCstmrStmt/);
  await refused(
    camt(entry()).replace(/<Acct>.*<\/Acct>/, ''),
    /Stmt\/Acct\/Id: found nothing, allowed: the IBAN/,
  );
});

test('a broken file is refused as a whole, with the line', async () => {
  const whole = camt(`${entry()}\n${entry({ reference: 'B' })}`);
  await refused(whole.slice(0, whole.indexOf('</Stmt>')), /unclosed tag/);
  await refused(
    whole.replace('</TxDtls></NtryDtls></Ntry>\n</Stmt>', '</NtryDtls></TxDtls></Ntry>\n</Stmt>'),
    /line 5: found .*unexpected close tag/,
  );
  await refused(whole.replace('BOOK', 'B&bad;K'), /line 4: found .*undefined entity/);
  await refused(
    readFileSync(new URL('fixtures/billing/statement-broken.xml', import.meta.url)),
    /^the statement was not taken: line 9/,
  );
  for (const [what, pattern] of [
    [entry({ day: '2026-02-30' }), /BookgDt: found "2026-02-30", allowed: a day/],
    [entry({ direction: 'CREDIT' }), /Ntry\/CdtDbtInd: found "CREDIT", allowed: CRDT or DBIT/],
    [entry().replace(/<Amt.*?<\/Amt>/, ''), /Ntry\/Amt: found nothing/],
    [entry().replace(/<BookgDt>.*?<\/BookgDt>/, ''), /Ntry\/BookgDt: found nothing/],
    [entry().replace(/<Sts>.*?<\/Sts>/, ''), /Ntry\/Sts: found nothing/],
    [entry({ more: '<RvslInd>yes</RvslInd>' }), /RvslInd: found "yes", allowed: true or false/],
  ] as const)
    await refused(camt(entry({ reference: 'A' }) + what), pattern);
});

test('no document type, no entities, no bytes of another encoding', async () => {
  const doctype = camt(entry()).replace(
    '?>',
    '?><!DOCTYPE Document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]>',
  );
  await refused(doctype, /found "a document type", allowed: no document type and no entities/);
  await refused(doctype.replace('BOOK', '&b;'), /document type/);
  await refused(Buffer.from(camt(entry()).replace('UTF-8', 'UTF-16')), /encoding: found "UTF-16"/);
  await refused(
    Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(camt(entry()), 'utf16le')]),
    /found "UTF-16"/,
  );
  const bytes = Buffer.from(camt(`\n${entry({ purpose: 'ї' })}`));
  bytes[bytes.indexOf(Buffer.from('ї')) + 1] = 0x41;
  await refused(bytes, /encoding: found "other bytes", allowed: text in utf-8 from here on/);
});

test('limits: bytes, entries, length, depth', async () => {
  const limits = { bytes: 20_000, entries: 3, text: 200 };
  const limited = (text: string): Promise<Statement> => readCamt053(inPieces(text, 500), limits);
  const refusedBy = async (text: string, code: 'tooLarge' | 'malformed', pattern: RegExp): Promise<void> => {
    try {
      await limited(text);
      assert.unreachable(String(pattern));
    } catch (error) {
      assert.ok(isRefusal(error, code), String(error));
      assert.match((error as Error).message, pattern);
    }
  };
  assert.is((await limited(camt(entry().repeat(3)))).entries.length, 3);
  await refusedBy(camt(entry().repeat(4)), 'malformed', /at most 3 entries/);
  await refusedBy(
    camt(entry({ reference: 'x'.repeat(201) })),
    'malformed',
    /AcctSvcrRef: found .*at most 200 characters/,
  );
  assert.is((await limited(camt(entry({ purpose: 'x'.repeat(201) })))).entries.length, 1);
  await refusedBy(camt(`<!--${'x'.repeat(20_000)}-->`), 'tooLarge', /more than 20000 bytes/);
  await refusedBy(
    camt(`<Ntry>${'<a>'.repeat(60)}${'</a>'.repeat(60)}</Ntry>`),
    'malformed',
    /at most 40 levels/,
  );
});

test.run();
