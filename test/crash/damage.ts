/** The table of damaged journals: `node --import tsx test/crash/damage.ts --places 150`. */
import { parseArgs } from 'node:util';
import { Tally } from '../simulation/tally.ts';
import { damageJournals, isAllowed } from './damage-run.ts';

const { values } = parseArgs({
  options: { places: { type: 'string', default: '150' }, help: { type: 'boolean', default: false } },
});
const places = Number(values.places);
if (values.help || !Number.isInteger(places) || places < 1) {
  console.log(`node --import tsx test/crash/damage.ts [--places N]

  --places N   at how many places each file is cut, and a bit of it flipped (150)

Exits with 1 when a journal started with less than it once knew, or stopped without saying why.`);
  process.exitCode = values.help ? 0 : 2;
} else {
  const startMs = performance.now();
  const rows = new Map<string, Tally>();
  const bad: string[] = [];
  let cases = 0;
  await damageJournals(places, ({ damage, fate }) => {
    const name = `${damage.image}: ${damage.files.join(' + ')}`;
    const key = `${name.padEnd(52)} ${damage.kind.padEnd(14)}`;
    const tally = rows.get(key) ?? new Tally();
    rows.set(key, tally);
    tally.add(fate.fate);
    cases += 1;
    if (!isAllowed(fate))
      bad.push(`${fate.fate}: ${name}, ${damage.kind} ${damage.detail}: ${fate.text.slice(0, 300)}`);
  });
  for (const [key, tally] of rows)
    console.log(
      `${key} ${Object.entries(tally.toJSON())
        .map(([fate, count]) => `${fate} ${count}`)
        .join(', ')}`,
    );
  for (const line of bad) console.log(line);
  console.log(
    `${cases} damaged journals, ${bad.length} bad ends, ${((performance.now() - startMs) / 1000).toFixed(1)} s`,
  );
  process.exitCode = bad.length === 0 ? 0 : 1;
}
