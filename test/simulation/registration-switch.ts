import type { RegistrationState } from '../../gateway/contract/event.ts';
import type { Registration } from '../../gateway/payments/outside.ts';

/** Where a box stands that has no registry: a test says it. */
export class RegistrationSwitch implements Registration {
  #state: RegistrationState = 'active';
  #listener = (): void => {};

  current(): ReturnType<Registration['current']> {
    return { state: this.#state, untilMs: null };
  }

  onChange(listener: () => void): void {
    this.#listener = listener;
  }

  turnTo(state: RegistrationState): void {
    this.#state = state;
    this.#listener();
  }
}
