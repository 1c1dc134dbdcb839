/**
 * The bytes between gateway and panel: Firmata (github.com/firmata/protocol, protocol 2.x) cut into messages, and the
 * messages of our own in the user's range of its sysex commands (0x01 to 0x0F).
 */

/** The serial line of the panel: 57600 baud, the usual rate of Firmata. */
export const panelBaudRate = 57_600;

const startSysex = 0xf0;
const endSysex = 0xf7;
const reportVersion = 0xf9;
const reportFirmware = 0x79;
const heartbeat = 0x01;
const versionQuery = 0x02;
const stateQuery = 0x03;
const signal = 0x04;

/** A longer sysex is none of a panel's: the longest is its list of capabilities, some 150 bytes. */
const sysexMaxBytes = 1_024;
/** The firmware's limits (14 bits). */
const numberMax = 0x3fff;
const toneMaxMs = 2_000;
const nameMaxChars = 32;

const number14 = (value: number): [number, number] => {
  const whole = Math.max(0, Math.min(numberMax, Math.round(value)));
  return [whole & 0x7f, whole >> 7];
};

/** Asks for version and name as Firmata has it. */
export const askFirmware = Uint8Array.of(startSysex, reportFirmware, endSysex);
/** Asks for the versions of our own messages and of the firmware. */
export const askVersion = Uint8Array.of(startSysex, versionQuery, endSysex);
/** Asks how the panel is. */
export const askState = Uint8Array.of(startSysex, stateQuery, endSysex);

/** The gateway is alive; silence for longer than this, and the panel shows by itself that it is not. */
export const writeHeartbeat = (timeoutMs: number): Uint8Array =>
  Uint8Array.of(startSysex, heartbeat, ...number14(timeoutMs), endSysex);

/** A tone of the piezo; frequency 0 ends one. */
export const writeTone = (frequencyHz: number, durationMs: number): Uint8Array =>
  Uint8Array.of(
    startSysex,
    signal,
    ...number14(frequencyHz),
    ...number14(Math.min(durationMs, toneMaxMs)),
    endSysex,
  );

/** Versions: of our own messages, and of the firmware. */
export interface PanelVersion {
  protocol: { major: number; minor: number };
  firmware: { major: number; minor: number; patch: number };
}

/** How the panel says it is. */
export interface PanelState {
  /** It has heard no heartbeat, and the LED is its own. */
  isTakenOver: boolean;
  isAbortDown: boolean;
  isInfoDown: boolean;
  /** Why it was last reset: the low bits of the ATmega328P's MCUSR (power, pin, brown-out, watchdog). */
  resetCause: number;
  /** Stops at 16383. */
  uptimeSeconds: number;
  heartbeatsLost: number;
  dropped: number;
}

/** What a message of the panel is to the gateway. `firmata`: johnny-five's business. */
export type PanelMessage =
  | { kind: 'version'; version: PanelVersion }
  | { kind: 'state'; state: PanelState }
  | { kind: 'name'; name: string }
  | { kind: 'reset' }
  | { kind: 'firmata' };

/** Reads a whole message. One of ours that is too short is taken for Firmata's, which skips it. */
export function readMessage(message: Uint8Array): PanelMessage {
  if (message[0] === reportVersion) return { kind: 'reset' };
  if (message[0] !== startSysex) return { kind: 'firmata' };
  const data = message.subarray(2, -1);
  const at = (place: number): number => data[place] ?? 0;
  const at14 = (place: number): number => at(place) | (at(place + 1) << 7);
  if (message[1] === reportFirmware && data.length >= 2) return { kind: 'name', name: readName(data) };
  if (message[1] === versionQuery && data.length >= 5)
    return {
      kind: 'version',
      version: {
        protocol: { major: at(0), minor: at(1) },
        firmware: { major: at(2), minor: at(3), patch: at(4) },
      },
    };
  if (message[1] === stateQuery && data.length >= 8)
    return {
      kind: 'state',
      state: {
        isTakenOver: (at(0) & 1) !== 0,
        isAbortDown: (at(0) & 2) !== 0,
        isInfoDown: (at(0) & 4) !== 0,
        resetCause: at(1),
        uptimeSeconds: at14(2),
        heartbeatsLost: at14(4),
        dropped: at14(6),
      },
    };
  return { kind: 'firmata' };
}

/** The name in a firmware report, two bytes for each character; what does not print, and what is too long, is left out. */
function readName(data: Uint8Array): string {
  const chars: string[] = [];
  for (let place = 2; place + 1 < data.length && chars.length < nameMaxChars; place += 2) {
    const code = (data[place] ?? 0) | ((data[place + 1] ?? 0) << 7);
    if (code >= 0x20 && code < 0x7f) chars.push(String.fromCharCode(code));
  }
  return chars.join('');
}

/** Bytes that follow the command in a message that is no sysex; null: not one that a panel sends. */
function dataBytesOf(command: number): number | null {
  const isWithChannel = command < startSysex;
  const kind = isWithChannel ? command & 0xf0 : command;
  return kind === 0x90 || kind === 0xe0 || kind === reportVersion ? 2 : null;
}

/** Cuts what comes from the panel into messages; whatever is no message is passed over. Holds one message at most. */
export class MessageCutter {
  #begun: number[] = [];

  /** The messages that these bytes complete. */
  cut(bytes: Uint8Array): Uint8Array[] {
    const whole: Uint8Array[] = [];
    for (const byte of bytes) {
      if (this.#take(byte)) {
        whole.push(Uint8Array.from(this.#begun));
        this.#begun = [];
      }
    }
    return whole;
  }

  /** Whether the message is complete with this byte. */
  #take(byte: number): boolean {
    const begun = this.#begun;
    const command = begun[0];
    if (byte >= 0x80) {
      if (byte === endSysex && command === startSysex) {
        begun.push(byte);
        return true;
      }
      // Any other command begins anew: what was under way has lost its end.
      this.#begun = byte === startSysex || dataBytesOf(byte) !== null ? [byte] : [];
      return false;
    }
    if (command === undefined) return false;
    begun.push(byte);
    if (command !== startSysex) return begun.length === 1 + (dataBytesOf(command) ?? 0);
    if (begun.length > sysexMaxBytes) this.#begun = [];
    return false;
  }
}
