/** What keeps the watchdog fed, and what does not. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { silentLog } from '../gateway/seams/log.ts';
import { createAttendedTime } from '../gateway/system/attended-time.ts';
import { faultOf } from '../gateway/system/liveness.ts';
import { type ServiceManager, serviceManager } from '../gateway/system/service-manager.ts';
import { startWatchdog } from '../gateway/system/watchdog.ts';
import type { Link } from '../gateway/terminal/links/link.ts';
import { createPrivatTerminal } from '../gateway/terminal/privat-json/driver.ts';
import { recorder, ScriptedLink, steadyRandom } from './support/driver-bench.ts';
import { VirtualTime } from './support/virtual-time.ts';

const test = suite('watchdog');

const watchdogMs = 60_000;
const goodJournal = { note: () => null };

/** A driver whose liveness is watched, as in a box. */
function attendedDriver(linkOf: (scripted: ScriptedLink) => Link = (scripted) => scripted) {
  const time = new VirtualTime();
  const scripted = new ScriptedLink(time);
  const attended = createAttendedTime(time);
  const terminal = createPrivatTerminal({
    link: linkOf(scripted),
    time: attended.time,
    random: steadyRandom,
    log: silentLog,
    currency: 'UAH',
    commandGapMs: 100,
  });
  terminal.listen({ changed() {}, identified() {}, stray() {} });
  /** Lets time pass; the longest that the driver was without a turn, looked at every second. */
  const longestMs = async (forMs: number): Promise<number> => {
    let longest = 0;
    for (let passed = 0; passed < forMs; passed += 1000) {
      await time.advance(1000);
      longest = Math.max(longest, attended.unattendedMs());
    }
    return longest;
  };
  return { time, scripted, attended, terminal, longestMs };
}

const ready = async ({ time, terminal }: ReturnType<typeof attendedDriver>): Promise<void> => {
  terminal.start();
  await time.runUntil(() => terminal.state() === 'ready', 30_000);
};

/** A manager that writes down what it is told, with the time. */
function recordingManager(time: VirtualTime, ms: number | null = watchdogMs) {
  const told: { atMs: number; what: string }[] = [];
  const manager: ServiceManager = {
    watchdogMs: ms,
    tell: (...assignments) => void told.push({ atMs: time.monotonicMs(), what: assignments[0] ?? '' }),
  };
  return {
    manager,
    told,
    times: (what: string) => told.filter((one) => one.what === what).map(({ atMs }) => atMs),
  };
}

const watchdogOn = (
  time: VirtualTime,
  manager: ServiceManager,
  fault: (patienceMs: number) => string | null,
) => startWatchdog({ manager, timers: time, fault, status: () => 'all well', log: silentLog });

test('a part has a turn coming while one of its timers runs, and none once they are over or cancelled', async () => {
  const time = new VirtualTime();
  const { time: its, unattendedMs } = createAttendedTime(time);
  await time.advance(5_000);
  assert.is(unattendedMs(), 5_000);
  its.after(10_000, () => {});
  const cancel = its.after(60_000, () => {});
  await time.advance(30_000);
  assert.is(unattendedMs(), 0, 'one still runs');
  cancel();
  cancel();
  await time.advance(2_000);
  assert.is(unattendedMs(), 2_000);
  its.after(1_000, () => {});
  assert.is(unattendedMs(), 0, 'cancelling twice does not count twice');
  await time.advance(3_000);
  assert.is(unattendedMs(), 2_000);
});

test('a terminal that is absent, mute, busy or idle for half a day is no hang', async () => {
  const halfDayMs = 12 * 3_600_000;
  const absent = attendedDriver();
  absent.scripted.isUnreachable = true;
  absent.terminal.start();
  assert.is(await absent.longestMs(halfDayMs), 0);

  const mute = attendedDriver();
  mute.scripted.reactions = {};
  mute.terminal.start();
  assert.is(await mute.longestMs(halfDayMs), 0);

  const busy = attendedDriver();
  await ready(busy);
  busy.scripted.reactions.PingDevice = 'busy';
  assert.is(await busy.longestMs(halfDayMs), 0);

  const idle = attendedDriver();
  await ready(idle);
  assert.is(await idle.longestMs(halfDayMs), 0);
  for (const { terminal } of [absent, mute, busy, idle]) await terminal.stop();
});

test('a card that is waited for is no hang, nor is a terminal that never answers', async () => {
  const driver = attendedDriver();
  await ready(driver);
  driver.scripted.reactions.getLastStatMsgCode = { LastStatMsgCode: '8' };
  const heard = recorder();
  driver.terminal.open({ type: 'payment', amount: 10_050, merchant: '1' }, heard).send();
  assert.is(await driver.longestMs(10 * 60_000), 0);
  assert.equal(heard.log.at(-1), 'broke timeout');
  await driver.terminal.stop();
});

test('a port that never opens is found within the watchdog time, and one that never closes', async () => {
  const neverOpens = attendedDriver((scripted) => ({
    name: scripted.name,
    open: () => new Promise(() => {}),
  }));
  const neverCloses = attendedDriver((scripted) => ({
    name: scripted.name,
    open: async (handlers) => ({ ...(await scripted.open(handlers)), close: () => new Promise(() => {}) }),
  }));
  for (const { time, attended, terminal } of [neverOpens, neverCloses]) {
    const { manager, times } = recordingManager(time);
    // At any phase of the beat.
    await time.advance(3_700);
    watchdogOn(time, manager, (patienceMs) =>
      faultOf({ journal: goodJournal, terminal: attended }, patienceMs),
    );
    await time.advance(11_100);
    terminal.start();
    const stuckMs = time.monotonicMs();
    await time.advance(watchdogMs + 2_000);
    const [triggeredMs = Number.POSITIVE_INFINITY] = times('WATCHDOG=trigger');
    assert.ok(triggeredMs - stuckMs <= watchdogMs + 1_000, `after ${triggeredMs - stuckMs} ms`);
    const beats = times('WATCHDOG=1');
    assert.ok((beats.at(-1) ?? 0) < triggeredMs, 'nothing feeds it any more');
  }
});

test('a journal that cannot be read is told; a slow or absent broker is not asked for at all', () => {
  const terminal = { unattendedMs: () => 0 };
  assert.is(faultOf({ journal: goodJournal, terminal }, 45_000), null);
  const journal = {
    note: () => {
      throw new Error('page 7 is malformed');
    },
  };
  assert.match(faultOf({ journal, terminal }, 45_000) ?? '', /journal .*page 7 is malformed/);
});

test('ready at once, then a sign of life four times in the watchdog time', async () => {
  const time = new VirtualTime();
  const { manager, told, times } = recordingManager(time);
  const stop = watchdogOn(time, manager, () => null);
  assert.equal(told, [{ atMs: 0, what: 'READY=1' }]);
  await time.advance(60_000);
  assert.equal(times('WATCHDOG=1'), [15_000, 30_000, 45_000, 60_000]);
  stop();
  stop();
  await time.advance(60_000);
  assert.equal(told.slice(-1), [{ atMs: 60_000, what: 'STOPPING=1' }], 'a stop that hangs is not kept alive');
  assert.is(times('STOPPING=1').length, 1);
  assert.is(time.pending, 0);
});

test('without a watchdog it only says that it is ready, and that it stops', async () => {
  const time = new VirtualTime();
  const { manager, told } = recordingManager(time, null);
  const stop = watchdogOn(time, manager, () => 'hung');
  await time.advance(600_000);
  stop();
  assert.equal(
    told.map(({ what }) => what),
    ['READY=1', 'STOPPING=1'],
  );
});

test('what hangs is not fed, and is told so at once; what comes back is fed again', async () => {
  const time = new VirtualTime();
  const { manager, times } = recordingManager(time);
  let wrong: string | null = null;
  const patiences = new Set<number>();
  watchdogOn(time, manager, (patienceMs) => {
    patiences.add(patienceMs);
    return wrong;
  });
  await time.advance(20_000);
  wrong = 'the journal does not answer';
  await time.advance(20_000);
  wrong = null;
  await time.advance(10_000);
  assert.equal(times('WATCHDOG=trigger'), [30_000]);
  assert.equal(times('WATCHDOG=1'), [15_000, 45_000]);
  assert.equal([...patiences], [45_000], 'with the beat that finds it, the watchdog time');
});

test('a service manager is told only where one asks, and feeds the watchdog only where it is for this process', () => {
  const NOTIFY_SOCKET = '/run/systemd/notify';
  const watchdogIn = (env: NodeJS.ProcessEnv) => serviceManager(env, 42, silentLog)?.watchdogMs;
  assert.is(serviceManager({ WATCHDOG_USEC: '60000000' }, 42, silentLog), null);
  assert.is(watchdogIn({ NOTIFY_SOCKET }), null);
  assert.is(watchdogIn({ NOTIFY_SOCKET, WATCHDOG_USEC: '60000000' }), 60_000);
  assert.is(watchdogIn({ NOTIFY_SOCKET, WATCHDOG_USEC: '60000000', WATCHDOG_PID: '42' }), 60_000);
  assert.is(watchdogIn({ NOTIFY_SOCKET, WATCHDOG_USEC: '60000000', WATCHDOG_PID: '43' }), null);
  assert.is(watchdogIn({ NOTIFY_SOCKET, WATCHDOG_USEC: 'soon' }), null);
});

test.run();
