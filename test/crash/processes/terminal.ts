/**
 * The simulated terminal, and the bank behind it, in a process that nobody kills. Asked over its channel it does
 * what is asked, and tells all that it knows.
 *
 * terminal.ts PATH SEED SCRIPT
 */
import { silentLog } from '../../../gateway/seams/log.ts';
import type { RuleInput } from '../../../gateway/simulators/terminal/script.ts';
import { serveSerial } from '../../../gateway/simulators/terminal/serial.ts';
import { createSimulatedTerminal } from '../../../gateway/simulators/terminal/terminal.ts';
import { systemTime } from '../../../gateway/system/time.ts';
import { seededRandom } from '../../simulation/random.ts';

/** What can be asked of it. */
export type TerminalDeed =
  | { do: 'look' }
  | { do: 'rule'; rule: RuleInput }
  /** Somebody keys in a sale of so many minor units. */
  | { do: 'keypad'; amount: number };

const [path = '', seed, script = '{}'] = process.argv.slice(2);
const terminal = createSimulatedTerminal({
  time: systemTime,
  random: seededRandom(Number(seed)),
  script: JSON.parse(script),
  log: silentLog,
});
await serveSerial(terminal, { path });

process.on('message', (deed: TerminalDeed) => {
  if (deed.do === 'rule') terminal.addRule(deed.rule);
  if (deed.do === 'keypad') terminal.keypadSale(deed.amount);
  const { cards } = terminal;
  process.send?.({ ledger: terminal.ledger(), isBusy: terminal.isBusy(), cards });
});
process.send?.('ready');
process.once('SIGTERM', () => process.exit(0));
