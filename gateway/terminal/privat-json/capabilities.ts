import type { OperationType } from '../../contract/command.ts';
import { carriedTypes, methodsOfType } from './requests.ts';

/** Remembers what the terminal at hand does not have. Its firmware says so only when it is asked. */
export interface Capabilities {
  /** Another terminal, or another firmware, may have what this one did not. */
  meet(terminal: string): void;
  /** The terminal has said that it does not have this method. */
  lacks(method: string): void;
  has(method: string): boolean;
  /** The operations of which at least one method may be there. */
  supports(): readonly OperationType[];
}

/** Makes an empty memory: everything may be there. */
export function createCapabilities(): Capabilities {
  const missing = new Set<string>();
  let met = '';
  return {
    meet(terminal) {
      if (terminal !== met) missing.clear();
      met = terminal;
    },
    lacks: (method) => void missing.add(method),
    has: (method) => !missing.has(method),
    supports: () => carriedTypes.filter((type) => methodsOfType[type].some((method) => !missing.has(method))),
  };
}
