/** Deliberate defects of billing. A proof that does not find them proves nothing. The last three were found by it. */

/** A change of one place: `find` stands exactly once in the file. */
export interface Edit {
  file: string;
  find: string;
  replace: string;
}

/** One defect. */
export interface Defect {
  name: string;
  edits: readonly Edit[];
  /** Where it takes longer to show. */
  months?: number;
}

const billing = 'provisioning/registry/billing/';
const one = (name: string, file: string, find: string, replace: string): Defect => ({
  name,
  edits: [
    { file: file.startsWith('services/') ? `provisioning/registry/${file}` : billing + file, find, replace },
  ],
});

/** Every defect. */
export const defects: readonly Defect[] = [
  one(
    "a month's end by UTC",
    'rules/calendar.ts',
    "    timeZone,\n    calendar: 'gregory'",
    "    timeZone: 'UTC',\n    calendar: 'gregory'",
  ),
  one(
    "the day of a move is the old customer's",
    'rules/days.ts',
    'untilMs } of tenures) {',
    'untilMs } of [...tenures].reverse()) {',
  ),
  one(
    'the day of retirement is not billed',
    'rules/days.ts',
    'placeOf(frame, untilMs);',
    'placeOf(frame, untilMs) - 1;',
  ),
  one(
    'a pause ends a day early',
    'rules/days.ts',
    'daysBetween(firstDay, to));',
    'daysBetween(firstDay, to) - 1);',
  ),
  one(
    'lines are rounded half to even',
    'rules/lines.ts',
    'Math.floor((2 * price * days + daysOfMonth) / (2 * daysOfMonth));',
    '(2 * price * days) % (2 * daysOfMonth) === daysOfMonth ? 2 * Math.round((price * days) / daysOfMonth / 2) : Math.floor((2 * price * days + daysOfMonth) / (2 * daysOfMonth));',
  ),
  {
    name: 'VAT is reckoned line by line',
    edits: [
      {
        file: `${billing}run/page.ts`,
        find: 'draft.sum += line.amount;',
        replace:
          'draft.sum += line.amount; ((globalThis.parts ??= {})[draft.number] ??= []).push(line.amount);',
      },
      {
        file: `${billing}run/issue.ts`,
        find: 'const { net, vat, total } = taxed(sum, billing.vat);',
        replace:
          'const each = globalThis.parts[number].map((part) => taxed(part, billing.vat)); globalThis.parts[number] = []; const add = (name) => each.reduce((all, part) => all + part[name], 0); const [net, vat, total] = [add("net"), add("vat"), add("total")]; void sum;',
      },
    ],
  },
  one('included VAT as if it were on top', 'rules/vat.ts', '10_000n + rate);', '10_000n);'),
  one(
    'the price of the next month',
    'run/reckon.ts',
    'planOf(reckoning, known, had, frame.month)',
    "planOf(reckoning, known, had, monthOf(addDays(frame.month + '-28', 5)))",
  ),
  one(
    'a move gives a new trial',
    'run/reckon.ts',
    '(tenuresOf(had, known)[0] ?? had)',
    '(tenuresOf(had, known).at(-1) ?? had)',
  ),
  one(
    'who comes back has a new trial',
    'rules/identities.ts',
    "billedAs.replace(/\\.\\d+$/, '')",
    'billedAs',
  ),
  {
    name: 'no leap year',
    edits: [{ file: `${billing}rules/dates.ts`, find: 'year % 4 === 0 && (', replace: 'year < 0 && (' }],
    months: 18,
  },
  {
    name: 'numbers are taken before the transaction',
    edits: [
      {
        file: `${billing}run/series.ts`,
        find: '  let last = before;',
        replace:
          '  const given = (globalThis.given ??= {}); let last = Math.max(before, given[prefix + year] ?? 0);',
      },
      {
        file: `${billing}run/series.ts`,
        find: '      last += 1;\n',
        replace: '      last += 1; given[prefix + year] = last;\n',
      },
    ],
  },
  one(
    'money goes to the newest invoice',
    'ledger/settle.ts',
    ".orderBy('due_day')",
    ".orderBy('due_day', 'desc')",
  ),
  one(
    'a run that was killed counts as done',
    'run/month.ts',
    "if (known?.state === 'running' ||",
    "if (known?.state === 'running') return { ...known, state: 'finished' }; if (",
  ),
  one(
    'invoices that are there are not looked for',
    'run/page.ts',
    '.filter(({ had }) => !before.has(had.customer))',
    '',
  ),
  one(
    'who was held is looked at by hand alone',
    'daily/day.ts',
    "    ['who was held could not be billed', () => billHeld(core, billing, goesOn)],\n",
    '',
  ),
  one('a customer is billed in part', 'run/page.ts', '    held.add(had.customer);\n', ''),
  one(
    'credit does not pay for new invoices',
    'run/issue.ts',
    'Math.min(balance, total)',
    'Math.min(0, balance, total)',
  ),
  one(
    'suspended a day early',
    'rules/standing.ts',
    'addDays(oldestDue, 1 + graceDays)',
    'addDays(oldestDue, graceDays)',
  ),
  one('past due on the due day', 'rules/standing.ts', 'today <= oldestDue)', 'today < oldestDue)'),
  one(
    'a deferral ends a day early',
    'rules/standing.ts',
    'today <= deferredUntil ?',
    'today < deferredUntil ?',
  ),
  one(
    'paying brings nobody back before the next morning',
    'standing/review.ts',
    'await putTo(tx, parts, account, state);',
    '',
  ),
  one(
    'boxes are not told of the money',
    'standing/review.ts',
    'if (tell) await tellBoxes(',
    'if (!tell) await tellBoxes(',
  ),
  one(
    'suspensions never wait for a word',
    'daily/dunning.ts',
    'if (!isMassSuspension(',
    'if (counts.active >= 0 || !isMassSuspension(',
  ),
  one('reminders a day early', 'rules/standing.ts', 'days <= late)', 'days <= late + 1)'),
  one(
    'a part is booked by itself',
    'statements/match.ts',
    'if (amount !== open) return',
    'if (amount > open) return',
  ),
  one(
    'the currency of an entry is not looked at',
    'statements/match.ts',
    'invoice.currency !== currency)',
    'invoice.currency === "")',
  ),
  one(
    'a credit note over more than is left',
    'ledger/credit-notes.ts',
    'if (total > invoice.total - before || total === 0)',
    'if (total === 0)',
  ),
  one(
    'money back over more than there is',
    'ledger/money-back.ts',
    'if (credit < 0) throw',
    'if (credit < -1e15) throw',
  ),
  one(
    'the entry of a reversed payment stays booked',
    'ledger/statement-entries.ts',
    "await tx\n    .updateTable('billing_entries')\n    .set({\n      state: 'waiting',",
    "await tx\n    .updateTable('billing_entries')\n    .where('id', '<', 0)\n    .set({\n      state: 'waiting',",
  ),
  one(
    'a payment that was reversed keeps its money from being booked',
    'ledger/payments.ts',
    'if (known.reversed === null) return',
    'if (known.reversed !== undefined) return',
  ),
  one('a lost number is given again', 'restored.ts', '.set({ last: count })', '.set({ last: known })'),
  one(
    'who takes a place is billed anew',
    'services/enrolment.ts',
    'continues ? before.billed_as :',
    'continues && before === null ? request.box :',
  ),
  one(
    'who is due for a suspension that waits is active',
    'daily/dunning.ts',
    "? 'pastDue' : byRule",
    '? state : byRule',
  ),
  one(
    'a box that comes back has a name that was billed',
    'services/enrolment.ts',
    'for (let times = isKnown ? 2 : 1; ; times += 1) {',
    "for (let times = 2; ; times += 1) { if (times === 2) return box + '.2';",
  ),
  one(
    'a move by a clock that went back',
    'services/boxes.ts',
    'Math.max(nowMs, Number(ended ?? 0))',
    'Math.min(nowMs, Number(ended ?? 0) + nowMs)',
  ),
];

/** Puts a defect into a text. Throws an Error when what it replaces does not stand there exactly once. */
export function withEdit(text: string, name: string, { file, find, replace }: Edit): string {
  const parts = text.split(find);
  if (parts.length !== 2) throw new Error(`defect "${name}": ${parts.length - 1} places in ${file}, not one`);
  return parts.join(replace);
}
