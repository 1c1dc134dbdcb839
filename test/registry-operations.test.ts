import { existsSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { alarmKinds } from '../provisioning/registry/identity/decide.ts';
import { textOf } from './support/sources.ts';

const test = suite('registry operations');

const page = textOf('docs/registry-operations.md');
const part = (heading: string): string => page.split(/^## /m).find((text) => text.startsWith(heading)) ?? '';
const rowsOf = (heading: string): string[] =>
  part(heading)
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2);

test('every try on the page names tests that there are', () => {
  const rows = rowsOf('What happened');
  assert.ok(rows.length > 15);
  for (const row of rows) {
    const named = [...(row.split('|').at(-2) ?? '').matchAll(/`([a-z-]+)`/g)].map(([, name = '']) => name);
    assert.ok(named.length > 0, row);
    for (const name of named) assert.ok(existsSync(new URL(`./${name}.test.ts`, import.meta.url)), name);
  }
});

test('the page knows every alarm, and no other', () => {
  const told = rowsOf('Alarms').map((row) => /^\| `(\w+)`/.exec(row)?.[1] ?? row);
  assert.equal(told.sort(), Object.keys(alarmKinds).sort());
});

test.run();
