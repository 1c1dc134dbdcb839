/** What a technician reads: real cases, and the field guide that quotes them. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withCleanup } from './support/mqtt.ts';
import { needing } from './support/needs.ts';
import { textOf } from './support/sources.ts';
import { guideText, happenings } from './support/technician-words.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('provision: words');
const tempDir = tempDirs(test);

const expected = [
  ['deviceSilent', 'terminalMissing'],
  ['noDevices'],
  ['portsSwapped'],
  ['panelMissing'],
  ['portRefused'],
  ['claimUnknown'],
  ['clockWrong'],
];

needing(test, 'socat')('each case is told for what it is, and stands so in the field guide', () =>
  withCleanup(async (later) => {
    const cases = await happenings(tempDir(), later);
    assert.equal(
      cases.map(({ findings }) => findings.map(({ text }) => text)),
      expected,
    );
    for (const [language, page] of [
      ['en', 'docs/field-guide.md'],
      ['uk', 'docs/field-guide.uk.md'],
    ] as const) {
      const text = guideText(language, cases);
      assert.ok(textOf(page).includes(text), `${page} should say:\n\n${text}`);
    }
  }),
);

test.run();
