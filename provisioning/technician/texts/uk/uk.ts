import type { Texts } from '../texts.ts';
import { devices } from './devices.ts';
import { gateway } from './gateway.ts';
import { network } from './network.ts';
import { registry } from './registry.ts';
import { sheet } from './sheet.ts';
import { words } from './words.ts';

/** Ukrainian. */
export const uk: Texts = { ...words, ...network, ...devices, ...registry, ...gateway, ...sheet };
