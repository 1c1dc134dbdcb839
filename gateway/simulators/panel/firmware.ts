import { existsSync, readFileSync } from 'node:fs';

/**
 * The firmware that belongs to this version, as Intel HEX: `firmware/panel.hex` of the sources, or `panel.hex` beside
 * the bundle. Throws as `readFileSync` does.
 */
export function readPanelFirmware(): string {
  const bundled = new URL('./panel.hex', import.meta.url);
  const source = new URL('../../../firmware/panel.hex', import.meta.url);
  return readFileSync(existsSync(bundled) ? bundled : source, 'utf8');
}
