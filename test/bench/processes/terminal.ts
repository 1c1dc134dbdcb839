/**
 * `swipe terminal`, fast, with a watch: the simulated terminal in a process of its own. Notes when it handed the
 * last byte of each Purchase's answer to the system, and tells the list when it is asked.
 *
 * terminal.ts serial PATH | terminal.ts tcp
 */
import { silentLog } from '../../../gateway/seams/log.ts';
import { serveTcp } from '../../../gateway/simulators/terminal/tcp.ts';
import { createSimulatedTerminal } from '../../../gateway/simulators/terminal/terminal.ts';
import { systemRandom } from '../../../gateway/system/random.ts';
import { systemTime } from '../../../gateway/system/time.ts';

const answeredNs: string[] = [];
const terminal = createSimulatedTerminal({
  time: systemTime,
  random: systemRandom,
  script: { options: { stepMs: 0, lookUpMs: 0 } },
  log: silentLog,
  // Called in the same turn as the write of the answer, right after it.
  seen: ({ method }) => {
    if (method === 'Purchase') answeredNs.push(String(process.hrtime.bigint()));
  },
});

const [kind, path = ''] = process.argv.slice(2);
const serve = async () =>
  kind === 'serial'
    ? (await import('../../../gateway/simulators/terminal/serial.ts')).serveSerial(terminal, { path })
    : serveTcp(terminal, { host: '127.0.0.1', port: 0 });

const served = await serve();
process.on('message', () => process.send?.({ answeredNs: answeredNs.splice(0) }));
process.send?.({ link: served.link });
process.once('SIGTERM', () => process.exit(0));
