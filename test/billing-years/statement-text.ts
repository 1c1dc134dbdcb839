/** Bank statements as banks write them: camt.053, a plain CSV, the CSV of Приват24. */

/** One movement as the world knows it. */
export interface Transfer {
  /** Stands in the purpose, and in no other. */
  mark: string;
  /** What the bank identifies it by. */
  reference: string;
  /** The bank gave another transfer of the same file this reference, too, before it. */
  isSecond?: boolean;
  account: string;
  day: string;
  amount: number;
  currency: string;
  direction: 'credit' | 'debit';
  reversal: boolean;
  /** Invoices that the purpose names, and how. */
  named: readonly string[];
  purpose: string;
  /** Whose money it is. */
  customer: string;
}

/** How a bank writes. */
export type Format = 'camt' | 'csv' | 'privat';

const decimal = (amount: number, sign: '.' | ','): string => {
  const digits = String(amount).padStart(3, '0');
  return `${digits.slice(0, -2)}${sign}${digits.slice(-2)}`;
};

const xml = (text: string): string => text.replace(/[&<>]/g, (letter) => `&#${letter.charCodeAt(0)};`);

function camtEntry({ reference, day, amount, currency, direction, reversal, purpose }: Transfer): string {
  return `   <Ntry>
    <Amt Ccy="${currency}">${decimal(amount, '.')}</Amt>
    <CdtDbtInd>${direction === 'credit' ? 'CRDT' : 'DBIT'}</CdtDbtInd>${reversal ? '\n    <RvslInd>true</RvslInd>' : ''}
    <Sts><Cd>BOOK</Cd></Sts>
    <BookgDt><Dt>${day}</Dt></BookgDt>
    <AcctSvcrRef>${reference}</AcctSvcrRef>
    <NtryDtls><TxDtls>
     <Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>
     <RmtInf><Ustrd>${xml(purpose)}</Ustrd></RmtInf>
    </TxDtls></NtryDtls>
   </Ntry>`;
}

function camtStatement(account: string, currency: string, transfers: readonly Transfer[]): string {
  const opening = 1_000_000_000;
  let closing = opening;
  for (const { amount, direction } of transfers) closing += direction === 'credit' ? amount : -amount;
  const balance = (kind: string, amount: number): string =>
    `   <Bal><Tp><CdOrPrtry><Cd>${kind}</Cd></CdOrPrtry></Tp><Amt Ccy="${currency}">${decimal(amount, '.')}</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>`;
  return `  <Stmt>
   <Acct><Id><IBAN>${account}</IBAN></Id></Acct>
${balance('OPBD', opening)}
${balance('CLBD', closing)}
${transfers.map(camtEntry).join('\n')}
  </Stmt>`;
}

/** One statement for each account and currency, as in the order of the transfers where they are of one. */
function camt(transfers: readonly Transfer[]): string {
  const groups: Transfer[][] = [];
  for (const transfer of transfers) {
    const last = groups.at(-1);
    const before = last?.[0];
    if (before?.account === transfer.account && before.currency === transfer.currency) last?.push(transfer);
    else groups.push([transfer]);
  }
  const statements = groups.map((own) => camtStatement(own[0]?.account ?? '', own[0]?.currency ?? '', own));
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">
 <BkToCstmrStmt>
  <GrpHdr><MsgId>1</MsgId><CreDtTm>2026-11-05T20:00:00</CreDtTm></GrpHdr>
${statements.join('\n')}
 </BkToCstmrStmt>
</Document>
`;
}

const signed = ({ direction, amount }: Transfer, sign: '.' | ','): string =>
  `${direction === 'debit' ? '-' : ''}${decimal(amount, sign)}`;

const csv = (transfers: readonly Transfer[]): string =>
  [
    'date,account,currency,amount,purpose,reference',
    ...transfers.map((one) =>
      [one.day, one.account, one.currency, signed(one, '.'), `"${one.purpose}"`, one.reference].join(','),
    ),
  ].join('\n');

const dotted = (day: string): string => day.split('-').reverse().join('.');

const privat = (transfers: readonly Transfer[]): string =>
  [
    'Рахунок;Валюта;Номер документу;Дата операції;Кореспондент;Сума;Призначення платежу;',
    ...transfers.map(
      (one) =>
        `${one.account};${one.currency};${one.mark};${dotted(one.day)};Платник;${signed(one, ',')};${one.purpose};`,
    ),
  ].join('\r\n');

const letters = new TextDecoder('windows-1251').decode(Uint8Array.from({ length: 256 }, (_, at) => at));

/** The bytes of a file. */
export function statementBytes(format: Format, transfers: readonly Transfer[]): Uint8Array {
  if (format === 'camt') return Buffer.from(camt(transfers));
  if (format === 'csv') return Buffer.from(csv(transfers));
  return Uint8Array.from([...privat(transfers)], (letter) => letters.indexOf(letter));
}
