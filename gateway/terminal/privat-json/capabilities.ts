import type { OperationType } from '../../contract/command.ts';
import { carriedTypes, methodsOfType } from './requests.ts';

/** Remembers what the terminal at hand does not have. Its firmware says so only when it is asked. */
export interface Capabilities {
  /** A terminal was reached: another one, another firmware, or a cleaner line may have what was missing. */
  reached(): void;
  /**
   * The terminal has said that it does not have this method. Believed when it is said twice in a row: one bit that
   * falls over on the line makes another method of a known one.
   */
  lacks(method: string): void;
  /** The terminal has answered to this method. */
  shows(method: string): void;
  has(method: string): boolean;
  /** The operations of which at least one method may be there. */
  supports(): readonly OperationType[];
}

const denialsMax = 2;

/** Makes an empty memory: everything may be there. */
export function createCapabilities(): Capabilities {
  const denials = new Map<string, number>();
  const has = (method: string): boolean => (denials.get(method) ?? 0) < denialsMax;
  return {
    reached: () => denials.clear(),
    lacks: (method) => void denials.set(method, (denials.get(method) ?? 0) + 1),
    shows: (method) => void denials.delete(method),
    has,
    supports: () => carriedTypes.filter((type) => methodsOfType[type].some(has)),
  };
}
