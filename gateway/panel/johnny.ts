/**
 * johnny-five on a channel of ours: the LED, the pins of the two buttons. Only a gateway with a panel loads this file.
 *
 * johnny-five and firmata-io keep every board that was ever made, and believe whatever a device says of itself. So
 * one board is made, before there is any panel, from what the version of our own messages says about its pins; it
 * outlives every unplugging, and hears of a panel nothing but its buttons.
 */
import { EventEmitter } from 'node:events';
import firmataIo from 'firmata-io';
import five from 'johnny-five';
import { type ButtonName, buttonNames } from './buttons.ts';
import type { Colour } from './patterns.ts';

const ledPins = { red: 9, green: 10, blue: 6 };
const buttonPins: Readonly<Record<ButtonName, number>> = { abort: 2, info: 3 };
/** An Uno's: D0 to D13, A0 to A5. */
const pinCount = 20;

/** What firmata-io has to hear before it is ready: protocol 2.5, and a firmware's name. */
const introduction = [
  [0xf9, 2, 5],
  [0xf0, 0x79, 1, 0, 0x73, 0, 0xf7],
];
const digitalPort = 0x90;

/** The panel's board. */
export interface Johnny {
  /** Speaks to this panel from now on, and sets its pins up. */
  attach(write: (bytes: Uint8Array) => void): void;
  /** A whole Firmata message of the panel. */
  receive(message: Uint8Array): void;
  /** Shows a colour until the next one. */
  colour(colour: Colour): void;
  /** The panel is gone: whatever is written is lost. */
  detach(): void;
}

/** What firmata-io takes for a serial port. */
class Channel extends EventEmitter {
  to: (bytes: Uint8Array) => void = () => {};

  write(bytes: Uint8Array, done: () => void): void {
    this.to(bytes);
    done();
  }

  /** What is written meanwhile goes out as one. */
  together(run: () => void): void {
    const { to } = this;
    const parts: Uint8Array[] = [];
    this.to = (bytes) => parts.push(bytes);
    try {
      run();
    } finally {
      this.to = to;
    }
    to(Buffer.concat(parts));
  }
}

/** Makes the board; `moved` hears how its buttons are, each time that one of them has changed. */
export function createJohnny(moved: (button: ButtonName, isDown: boolean) => void): Johnny {
  const channel = new Channel();
  const pins = Array.from({ length: pinCount }, () => ({ supportedModes: [], analogChannel: 127 }));
  const io = new firmataIo.Firmata(channel, { skipCapabilities: true, pins, analogPins: [] });
  // `sigint` is missing in its types: without it the board would end the process on Ctrl+C.
  const options = { io, repl: false, debug: false, sigint: false };
  const board = new five.Board(options);
  board.on('error', () => {});
  channel.emit('open');
  for (const message of introduction) channel.emit('data', message);

  const led = new five.Led.RGB({ pins: ledPins, board });
  // Not by johnny-five's Button: it debounces once more, and forgets a press when down and up are read in one go, as
  // when the disk held the gateway up. The firmware has debounced.
  for (const name of buttonNames) board.digitalRead(buttonPins[name], (level) => moved(name, level === 0));

  return {
    attach(write) {
      channel.to = write;
      channel.together(() => {
        for (const pin of Object.values(ledPins)) io.pinMode(pin, io.MODES.PWM);
        for (const pin of Object.values(buttonPins)) io.pinMode(pin, io.MODES.INPUT);
        // Both pull-ups in one write: a port is written as a whole, and firmata-io keeps what it reads there, too.
        for (const pin of Object.values(buttonPins)) io.digitalWrite(pin, 1, true);
        io.flushDigitalPorts();
        // Both are on one port, which is then reported as it is now.
        io.reportDigitalPin(buttonPins.abort, 1);
      });
    },
    receive(message) {
      if (message[0] === digitalPort) channel.emit('data', message);
    },
    colour: (colour) => channel.together(() => led.color(hexOf(colour))),
    detach() {
      channel.to = () => {};
    },
  };
}

const hexOf = (colour: Colour): string =>
  `#${colour.map((level) => level.toString(16).padStart(2, '0')).join('')}`;
