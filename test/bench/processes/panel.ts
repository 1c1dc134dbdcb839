/**
 * The emulated panel on a pseudo-terminal, with a watch: tells each colour of the LED with the time of the change, and
 * presses a button when asked, telling when. Times are those of the monotonic clock that all processes share.
 *
 * panel.ts PATH
 */
import { readPanelFirmware } from '../../../gateway/simulators/panel/firmware.ts';
import { createEmulatedPanel } from '../../../gateway/simulators/panel/panel.ts';
import { servePanelPty } from '../../../gateway/simulators/panel/serve.ts';
import { systemTime } from '../../../gateway/system/time.ts';

const panel = createEmulatedPanel({ hex: readPanelFirmware(), time: systemTime });
panel.start();
const served = await servePanelPty(panel, process.argv[2] ?? '');

const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;
let told = '';
// The panel's time is never ahead of the real one: the least lag of late is the difference of the two clocks. Of late,
// since a panel that could not keep up gives the time up.
const lags: number[] = [];
setInterval(() => {
  lags.push(nowMs() - panel.nowMs);
  if (lags.length > 100) lags.shift();
  const last = panel.ledHistory.at(-1);
  // A colour is certain two milliseconds late; until then the change is corrected in place.
  const seen = JSON.stringify(last);
  if (last === undefined || seen === told || panel.nowMs - last.atMs < 2.5) return;
  told = seen;
  process.send?.({ led: { ...panel.colour, atMs: last.atMs + Math.min(...lags) } });
}, 1);

process.on('message', ({ press }: { press?: 'abort' | 'info' }) => {
  const atMs = nowMs();
  if (press !== undefined) panel.press(press);
  process.send?.({ pressedMs: atMs });
});
process.send?.({ link: served.link });
process.once('SIGTERM', () => void served.close().then(() => process.exit(0)));
