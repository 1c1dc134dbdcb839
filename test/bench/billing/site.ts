/** A registry that bills, on a database of its own. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RegistryConfig } from '../../../provisioning/registry/config.ts';
import { testBilling } from '../../registry/billing-bench.ts';
import { openSite, type Site } from '../registry/site.ts';

/** Where the rows are. */
export type DatabaseConfig = RegistryConfig['database'];

/** The site, and the file that says so to the process that bills. */
export interface BillingSite {
  site: Site;
  configFile: string;
}

/** Makes a new one that bills from this month on. */
export async function openBillingSite(
  directory: string,
  dialect: Site['dialect'],
  month: string,
  died: (error: Error) => void,
): Promise<BillingSite> {
  // Nothing of the site's own programs is started.
  const site = await openSite(directory, dialect, { swipe: '', bare: '' }, died);
  const billing = { ...testBilling, firstMonth: month, vat: { mode: 'included', rateBasisPoints: 2000 } };
  const configFile = join(site.directory, 'billing.json');
  writeFileSync(configFile, JSON.stringify({ ...site.config, billing }), { mode: 0o600 });
  await (await site.open()).close();
  return { site, configFile };
}
