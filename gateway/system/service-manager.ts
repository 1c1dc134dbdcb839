/** What is told to systemd, by the protocol of sd_notify(3). */
import { spawn } from 'node:child_process';
import { messageOf } from '../seams/error.ts';
import type { Log } from '../seams/log.ts';

/** The systemd that runs this process as a service of `Type=notify`. */
export interface ServiceManager {
  /** It ends the process after so long without a sign of life; null: it does not. */
  watchdogMs: number | null;
  /** Tells assignments such as `READY=1`; they arrive in order. What cannot be told is logged, once. */
  tell(...assignments: string[]): void;
}

/** A telling that takes longer has been lost, and systemd-notify waits for nothing. */
const tellMaxMs = 10_000;
/** Signs of life that were not taken yet are worth nothing: only what comes after them matters. */
const waitingMax = 4;

/**
 * The service manager that asks to be told, or null: not started by one, or by one that does not ask.
 *
 * Node has no datagram sockets in the Unix domain, so each telling runs systemd-notify(1), whose unit needs
 * `NotifyAccess=all`. It returns when systemd has read it: a process that is gone by then belongs to no unit.
 *
 * @param env `NOTIFY_SOCKET`, `WATCHDOG_USEC`, `WATCHDOG_PID`: sd_notify(3), sd_watchdog_enabled(3)
 */
export function serviceManager(env: NodeJS.ProcessEnv, pid: number, log: Log): ServiceManager | null {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: watchdogUs, WATCHDOG_PID: watched } = env;
  if (socket === undefined || socket === '') return null;
  const waiting: string[][] = [];
  let isTelling = false;
  let hasComplained = false;

  const failed = (why: string): void => {
    if (!hasComplained) log.error('systemd could not be told', { reason: why });
    hasComplained = true;
  };

  function next(): void {
    const assignments = isTelling ? undefined : waiting.shift();
    if (assignments === undefined) return;
    isTelling = true;
    const done = (why: string | null): void => {
      if (!isTelling) return;
      isTelling = false;
      if (why !== null) failed(why);
      next();
    };
    try {
      const child = spawn('systemd-notify', assignments, {
        stdio: 'ignore',
        env: { PATH: env.PATH, NOTIFY_SOCKET: socket },
        timeout: tellMaxMs,
        killSignal: 'SIGKILL',
      });
      child.once('error', (error) => done(messageOf(error)));
      child.once('exit', (code, signal) => done(code === 0 ? null : `systemd-notify: ${code ?? signal}`));
    } catch (error) {
      done(messageOf(error));
    }
  }

  const usec = watched === undefined || Number(watched) === pid ? Number(watchdogUs ?? 0) : 0;
  return {
    watchdogMs: usec > 0 ? usec / 1000 : null,
    tell(...assignments) {
      if (waiting.length < waitingMax) waiting.push(assignments);
      next();
    },
  };
}
