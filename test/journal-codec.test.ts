/** Rows: what is written comes back, and nothing else does. */
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  checkedCells,
  checksumOf,
  decodeNote,
  decodeOperation,
  decodeResult,
  encodeNote,
  encodeOperation,
  encodePayload,
  encodeResult,
  RowDamage,
  withResult,
} from '../gateway/journal/codec.ts';
import type { Cell, Row } from '../gateway/journal/connection.ts';
import type { OperationRecord, RecordStage } from '../gateway/payments/journal-port.ts';
import { accepted, finished, running, untold } from './support/fill-journal.ts';
import { record, start } from './support/records.ts';

const test = suite('journal: codec');

/** A row as the database hands it out: texts as bytes. */
const asRead = (cells: readonly Cell[]): Row =>
  cells.map((cell) => (typeof cell === 'string' ? Buffer.from(cell) : cell));

const damage = (run: () => unknown): void =>
  assert.throws(run, (error: unknown) => error instanceof RowDamage);

const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const timeMs = fc.integer({ min: 0, max: 4_000_000_000_000 });
const stages: RecordStage[] = ['refusedAhead', 'accepted', 'running', 'recovering', 'unresolved', 'finished'];
// Without objects that have no prototype, which JSON never brings back.
const plain = <Fields extends object>(fields: { [Name in keyof Fields]: fc.Arbitrary<Fields[Name]> }) =>
  fc.record(fields, { noNullPrototype: true });
const records: fc.Arbitrary<OperationRecord> = fc
  .record({
    id: text,
    kid: text,
    type: text,
    contentHash: text,
    command: fc.constantFrom(null, record().command),
    acceptedAtMs: timeMs,
    stage: fc.constantFrom(...stages),
    start: fc.option(
      plain({
        atMs: timeMs,
        baseline: fc.constantFrom(
          start().baseline,
          { kind: 'none' as const },
          { kind: 'unavailable' as const },
        ),
        terminal: text,
        request: fc.constant(start().request),
      }),
    ),
    lastContactMs: fc.option(timeMs),
    lateContactMs: fc.option(timeMs),
    abortSent: fc.boolean(),
    broken: fc.option(
      plain({ atMs: timeMs, cause: fc.constantFrom('linkLost' as const, 'restarted' as const) }),
    ),
    exhausted: fc.boolean(),
  })
  .map((fields) => ({ ...fields, result: null }));

const counters = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

test('every record comes back as it was', () => {
  fc.assert(
    fc.property(records, counters, counters, (record, number, revision) => {
      const row = decodeOperation(asRead(encodeOperation(record, number, revision)));
      assert.equal(row.record, record);
      assert.is(row.number, number);
      assert.is(row.revision, revision);
    }),
  );
});

test('a result comes back to the last byte, and the record names it', () => {
  const told = { ...untold(accepted(1)), text: '\ud800' };
  const payload = encodePayload(told, 7);
  assert.equal(Object.keys(JSON.parse(payload)).slice(0, 4), ['id', 'box', 'sequence', 'type']);
  const row = decodeResult(asRead(encodeResult({ sequence: 7, id: 'id', kid: 'kid', payload }, 3, 9)));
  assert.equal(row, { sequence: 7, id: 'id', kid: 'kid', payload, number: 3, revision: 9, delivered: false });
  const record = withResult(finished(running(accepted(1))), payload);
  const stored = decodeOperation(asRead(encodeOperation(record, 3, 9)));
  assert.is(stored.resultSequence, 7);
  assert.equal(withResult(stored.record, payload), record);
  assert.is(stored.endedAtMs, Date.parse(told.finishedAt));
});

test('only known members are kept', () => {
  const more = { ...running(accepted(1)), cardHolder: 'NAME', start: { ...start(), track: 'x' } };
  const cells = encodeOperation(more, 1, 1);
  assert.not.match(cells.join(), /NAME|track/);
});

test('a change anywhere in a row is noticed', () => {
  const cells = encodeOperation(running(accepted(1)), 5, 6);
  for (const [at, cell] of cells.entries()) {
    const other = typeof cell === 'number' ? cell + 1 : cell === null ? 0 : `${cell} `;
    damage(() => decodeOperation(asRead(cells.with(at, other))));
  }
  damage(() => decodeOperation(asRead(cells).with(11, Buffer.from([0x7b, 0xff, 0x7d]))));
  const result = encodeResult({ sequence: 7, id: 'id', kid: 'kid', payload: '{}' }, 3, 9);
  for (const at of result.keys()) damage(() => decodeResult(asRead(result.with(at, 'x'))));
});

test('a row of one table is none of another', () => {
  const cells = [1, 'text'];
  const row = asRead([...cells, checksumOf('notes', cells)]);
  assert.equal(checkedCells('notes', row), cells);
  damage(() => checkedCells('results', row));
});

test('any text can be a note, also one that is not well-formed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.is(decodeNote(asRead(encodeNote('name', text, 1))), text);
    }),
  );
  assert.is(decodeNote(asRead(encodeNote('name', '\ud800', 1))), '\ud800');
});

test.run();
