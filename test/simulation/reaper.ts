import { moneyMethodOf } from './frames.ts';
import type { killPoints } from './plan.ts';
import type { KillPoint, Reaper } from './process.ts';
import type { registryKillPoints } from './registry/registry-plan.ts';
import type { Tally } from './tally.ts';

/** A kill that waits for its moment. */
export interface ArmedKill {
  point: (typeof killPoints)[number] | (typeof registryKillPoints)[number];
  when: 'before' | 'after';
  /** So many fitting moments are let pass. */
  skip: number;
  /** How long the box stays without power. */
  forMs: number;
}

/** Kills waiting for their moments; most others wait while many are armed. */
export class Kills {
  #armed: ArmedKill[] = [];
  /** The one that struck last. */
  struck: ArmedKill | null = null;
  readonly #faults: Tally;

  constructor(faults: Tally) {
    this.#faults = faults;
  }

  arm(kill: ArmedKill): void {
    this.#armed.push({ ...kill });
  }

  disarm(): void {
    this.#armed = [];
  }

  readonly reap: Reaper = (point, about) => {
    const kill = this.#armed.find((armed) => fits(armed, point, about));
    if (kill === undefined) return 'spare';
    if (kill.skip > 0) {
      kill.skip -= 1;
      return 'spare';
    }
    this.#armed = this.#armed.filter((armed) => armed !== kill);
    this.struck = kill;
    this.#faults.add(`box: killed ${kill.when} ${kill.point}`);
    return kill.when;
  };
}

function fits({ point }: ArmedKill, at: KillPoint, about: Uint8Array | string): boolean {
  if (point === 'link.money')
    return at === 'link.write' && typeof about !== 'string' && moneyMethodOf(about) !== null;
  return point === at;
}
