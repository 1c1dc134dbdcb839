/** What the payments tell and ask beyond the terminal and the journal. Each is handed in. */
import type { BoxEvent, RegistrationState } from '../contract/event.ts';

/** Where events go. They are for information: an event may be lost, a result may not. */
export type EventSink = (event: BoxEvent) => void;

/** How the box stands with the registry. */
export interface Registration {
  current(): { state: RegistrationState; untilMs: number | null };
  /** One listener; called when `current` changes. */
  onChange(listener: () => void): void;
}

/** A box that nobody bills: always active. */
export const unbilled: Registration = {
  current: () => ({ state: 'active', untilMs: null }),
  onChange() {},
};
