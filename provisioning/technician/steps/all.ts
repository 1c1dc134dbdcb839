import type { Step } from '../step.ts';
import { config } from './config.ts';
import { devices } from './devices.ts';
import { flash } from './flash.ts';
import { join } from './join.ts';
import { machine } from './machine.ts';
import { payment } from './payment.ts';
import { pin } from './pin.ts';
import { reach } from './reach.ts';
import { register } from './register.ts';
import { sheet } from './sheet.ts';
import { start } from './start.ts';
import { test } from './test.ts';

/** From an empty box to the hand-over, in this order. */
export const allSteps: readonly Step[] = [
  machine,
  join,
  reach,
  devices,
  flash,
  pin,
  register,
  config,
  start,
  test,
  payment,
  sheet,
];
