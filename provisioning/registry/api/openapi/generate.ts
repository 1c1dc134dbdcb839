/**
 * `npm run openapi` writes the API's description, api/openapi.json. With `--check` it writes nothing and ends with
 * exit code 1 when the file is not current.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { billingRoutes } from '../billing-routes.ts';
import { operatorRoutes } from '../operator-routes.ts';
import { publicRoutes } from '../public-routes.ts';
import { describeApi } from './describe.ts';

const file = fileURLToPath(new URL('../openapi.json', import.meta.url));
const text = describeApi([...publicRoutes, ...operatorRoutes, ...billingRoutes]);
const current = existsSync(file) && readFileSync(file, 'utf8') === text;

if (!current && process.argv.includes('--check')) {
  process.stderr.write('provisioning/registry/api/openapi.json is not current: run npm run openapi\n');
  process.exitCode = 1;
} else if (!current) {
  writeFileSync(file, text);
  process.stdout.write('provisioning/registry/api/openapi.json written\n');
}
