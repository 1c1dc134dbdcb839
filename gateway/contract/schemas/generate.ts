/**
 * `npm run schemas` writes the contract's JSON Schemas beside this file. With `--check` it writes nothing and
 * ends with exit code 1, naming each file that is not current.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { schemaFiles } from './json-schemas.ts';

const checkOnly = process.argv.includes('--check');

for (const [name, text] of Object.entries(schemaFiles())) {
  const file = fileURLToPath(new URL(name, import.meta.url));
  if (textOf(file) === text) continue;
  if (checkOnly) {
    process.stderr.write(`${relative(process.cwd(), file)} is not current: run npm run schemas\n`);
    process.exitCode = 1;
  } else {
    writeFileSync(file, text);
    process.stdout.write(`${relative(process.cwd(), file)} written\n`);
  }
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
