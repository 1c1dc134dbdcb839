/** Kills real gateways: `node --import tsx test/crash/main.ts --kills 200 --seed 1`. */
import { parseArgs } from 'node:util';
import { crashDefects, runDefect } from './defects.ts';
import { runCrashes } from './run.ts';
import { show } from './show.ts';

const usage = `node --import tsx test/crash/main.ts [--kills N] [--seed N] [--defects]

  --kills N   how many gateways are killed (200)
  --seed N    of what is random; when exactly things happen is the machine's (a new one each time)
  --defects   runs deliberate defects of the gateway; each must be caught within so many kills (60)

Needs mosquitto and socat. Exits with 1 when a rule was broken.`;

const { values } = parseArgs({
  options: {
    kills: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    defects: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const kills = Number(values.kills ?? (values.defects ? 60 : 200));
const seed = Number(values.seed);
if (values.help) console.log(usage);
else if (!Number.isInteger(kills) || kills < 1 || !Number.isInteger(seed) || seed < 0) {
  console.error(`--kills takes a whole number from 1, --seed one from 0\n\n${usage}`);
  process.exitCode = 2;
} else process.exitCode = await (values.defects ? huntAll() : killThem());

async function killThem(): Promise<0 | 1> {
  console.log(`seed ${seed}`);
  const report = await runCrashes(kills, seed, (done) => {
    if (done % 20 === 0) console.log(`${done}/${kills} kills`);
  });
  console.log(show(report));
  return report.violations.length === 0 ? 0 : 1;
}

async function huntAll(): Promise<0 | 1> {
  let missed = 0;
  for (const defect of crashDefects()) {
    const by = await runDefect(defect, kills, seed);
    if (by === null) missed += 1;
    console.log(
      `${defect.name.padEnd(60)} ${by === null ? `NOT CAUGHT in ${kills} kills` : by.slice(0, 160)}`,
    );
  }
  console.log(`${missed} defects were not caught`);
  return missed === 0 ? 0 : 1;
}
