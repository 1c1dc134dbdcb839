/** Prints the whole trace of one seed: `node --import tsx test/simulation/print-trace.ts SEED OPERATIONS`. */
import { runSeed } from './run.ts';

const [seed, operations] = process.argv.slice(2).map(Number);
const { simulation } = await runSeed(seed ?? 1, operations ?? 50, true);
process.stdout.write(simulation.world.trace.toString());
