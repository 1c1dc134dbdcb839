import type { Text } from '../texts.ts';
import { devices } from './devices.ts';
import { gateway } from './gateway.ts';
import { network } from './network.ts';
import { registry } from './registry.ts';
import { sheet } from './sheet.ts';
import { words } from './words.ts';

/** English: the list of all texts there are. */
export const en = {
  ...words,
  ...network,
  ...devices,
  ...registry,
  ...gateway,
  ...sheet,
} satisfies Record<string, Text>;
