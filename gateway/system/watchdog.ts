/** Tells the service manager that the gateway is ready, and then that it is alive, for as long as it is. */
import type { Log } from '../seams/log.ts';
import type { Cancel, Timers } from '../seams/time.ts';
import type { ServiceManager } from './service-manager.ts';

/** What {@link startWatchdog} needs. */
export interface WatchdogParts {
  manager: ServiceManager;
  timers: Timers;
  /** See `faultOf`: which part has hung, when none may go without a turn for so long; null while all are alive. */
  fault(patienceMs: number): string | null;
  /** One line for `systemctl status`. */
  status(): string;
  log: Log;
}

/** So many signs of life in the watchdog's time: three may be lost. */
const beats = 4;

/**
 * Says that the gateway is ready, now. Then, if the manager has a watchdog, feeds it: whatever hangs, the process is
 * restarted within the watchdog's time. What is found to hang is not waited for any longer; what blocks the event
 * loop is found by the manager, which hears nothing more.
 *
 * @returns says that the gateway is stopping, and feeds no more
 */
export function startWatchdog({ manager, timers, fault, status, log }: WatchdogParts): Cancel {
  const { watchdogMs } = manager;
  let cancel: Cancel = () => {};
  let hasTriggered = false;
  let isStopped = false;

  function beat(everyMs: number): void {
    cancel = timers.after(everyMs, () => beat(everyMs));
    const wrong = fault(everyMs * (beats - 1));
    if (wrong === null) return manager.tell('WATCHDOG=1', `STATUS=${status()}`);
    if (!hasTriggered)
      log.error('a part of the gateway has hung: systemd is to restart it', { reason: wrong });
    hasTriggered = true;
    manager.tell('WATCHDOG=trigger', `STATUS=${wrong}`);
  }

  manager.tell('READY=1', `STATUS=${status()}`);
  if (watchdogMs !== null) cancel = timers.after(watchdogMs / beats, () => beat(watchdogMs / beats));
  return () => {
    if (isStopped) return;
    isStopped = true;
    cancel();
    manager.tell('STOPPING=1');
  };
}
