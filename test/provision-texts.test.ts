import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  languageOf,
  languages,
  say,
  type Text,
  type TextKey,
  tell,
} from '../provisioning/technician/texts/texts.ts';
import { sourcesOf } from './support/sources.ts';

const test = suite('provision: texts');

const keys = Object.keys(languages.en) as TextKey[];
const partsOf = (text: Text): readonly string[] => (typeof text === 'string' ? [text] : text);
const namesIn = (text: Text): string[] =>
  [
    ...new Set(
      partsOf(text).flatMap((part) => [...part.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')),
    ),
  ].sort();

test('both languages have every text, of the same kind, with the same values', () => {
  assert.equal(Object.keys(languages.uk).sort(), [...keys].sort());
  for (const key of keys) {
    const [en, uk]: [Text, Text] = [languages.en[key], languages.uk[key]];
    assert.is(partsOf(uk).length, partsOf(en).length, key);
    assert.equal(namesIn(uk), namesIn(en), key);
  }
});

test('no text is empty, none is left in the other language', () => {
  for (const key of keys) {
    for (const part of partsOf(languages.en[key])) {
      assert.ok(part.trim().length > 1, key);
      assert.not.match(part, /[а-яіїєґ]/i, key);
    }
    const words = partsOf(languages.uk[key])
      .join(' ')
      .replace(/\{\w+\}/g, '');
    assert.match(words, /[а-яіїєґ]/i, key);
    assert.not.match(words, /[ыэъё]/i, `${key}: that is no Ukrainian letter`);
  }
});

test('every text is used, so that none is looked after in vain', () => {
  const code = ['provisioning/technician', 'gateway/cli']
    .flatMap((folder) => sourcesOf(folder, ['.ts']))
    .filter(({ path }) => !path.includes('/texts/'))
    .map(({ text }) => text)
    .join('\n');
  assert.equal(
    keys.filter((key) => !new RegExp(`'${key}'`).test(code)),
    [],
  );
});

test('what is wrong is told in three sentences: what happened, what it means, what to do', () => {
  const { happened, means, next } = tell('en', 'portSilent', { host: 'broker.example', port: 8883 });
  assert.match(happened, /broker\.example, port 8883/);
  assert.ok(means !== null && next !== null);
  assert.match(next, /broker\.example, port 8883/);
});

test('how long something lasts is told in the language', () => {
  const told = (language: 'uk' | 'en', ms: number) =>
    say(language, 'clockOff', { differenceMs: ms, host: 'x' }).match(/\d+ \S+/)?.[0];
  assert.equal(
    [31_000, 150_000, 5_400_000, 31_536_000_000].map((ms) => told('en', ms)),
    ['31 s', '3 min', '90 min', '365 days'],
  );
  assert.is(told('uk', 31_536_000_000), '365 дн.');
});

test('a value that was not given stays visible', () => {
  assert.match(say('en', 'nameUnknown'), /\{host\}/);
});

test('the language is that of the locale', () => {
  assert.equal(['uk_UA.UTF-8', 'en_GB.UTF-8', 'C', undefined, 'de_DE'].map(languageOf), [
    'uk',
    'en',
    'en',
    'en',
    'en',
  ]);
});

test.run();
