/** Rows of the journal after damage: what was written, or damage that is noticed. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  decodeNote,
  decodeOperation,
  decodeResult,
  encodeNote,
  encodeOperation,
  encodePayload,
  encodeResult,
  RowDamage,
} from '../../gateway/journal/codec.ts';
import type { Cell, Row } from '../../gateway/journal/connection.ts';
import { accepted, finished, running, untold } from '../support/fill-journal.ts';
import { mutated } from './bytes.ts';
import { hostile } from './inputs.ts';
import { valueText } from './json.ts';

const test = suite('hostile: journal rows');

type Value = Row[number];

/** A row as the database hands it out: texts as bytes. */
const asRead = (cells: readonly Cell[]): Row =>
  cells.map((cell) => (typeof cell === 'string' ? Buffer.from(cell) : cell));

const payload = encodePayload(untold(accepted(1)), 7);
const kinds = {
  operation: {
    decode: decodeOperation,
    rows: [running(accepted(5)), accepted(6), finished(running(accepted(7)))].map((record, at) =>
      asRead(encodeOperation(record, at + 5, 6)),
    ),
  },
  result: {
    decode: decodeResult,
    rows: [asRead(encodeResult({ sequence: 7, id: 'id', kid: 'kid', payload }, 3, 9))],
  },
  note: {
    decode: decodeNote,
    rows: [asRead(encodeNote('name', '{"a":1}', 1)), asRead(encodeNote('x', '\ud800', 2))],
  },
};
type Kind = keyof typeof kinds;

/** What is read; null: damage. Nothing else may be thrown. */
function read(kind: Kind, row: Row): unknown {
  try {
    return kinds[kind].decode(row);
  } catch (error) {
    assert.ok(error instanceof RowDamage, String(error));
    assert.ok(error.message.length < 500, 'damage stays short');
    return null;
  }
}

const anyCell: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom(null, 0, 1, -1, 2 ** 53, 0.5, Number.NaN, Number.POSITIVE_INFINITY),
  fc.integer(),
  fc.uint8Array({ maxLength: 400 }),
  valueText.map((text) => Buffer.from(text)),
  // What a driver hands out for an integer beyond a double, though no table has any.
  fc.bigInt().map((big) => big as unknown as number),
);
const written = fc
  .constantFrom(...(Object.keys(kinds) as Kind[]))
  .chain((kind) => fc.tuple(fc.constant(kind), fc.constantFrom(...kinds[kind].rows)));
const damaged = written.chain(([kind, row]) =>
  fc.nat(row.length - 1).chain((at) => {
    const cell = row[at] ?? null;
    const flipped = fc
      .nat(52)
      .map((bit) =>
        typeof cell === 'number' ? cell + (Math.floor(cell / 2 ** bit) % 2 === 0 ? 1 : -1) * 2 ** bit : cell,
      );
    const other = cell instanceof Uint8Array ? mutated(fc.constant(cell)) : flipped;
    return fc
      .oneof<fc.Arbitrary<Value>[]>({ weight: 3, arbitrary: other } as never, anyCell)
      .map((value) => ({ kind, row, damaged: row.with(at, value), at }));
  }),
);

hostile(
  test,
  'a row with a damaged cell is what was written, or damage',
  fc.property(damaged, ({ kind, row, damaged, at }) => {
    const back = read(kind, damaged);
    // The mark of a delivery is no part of the checksum: it is 0 or the row's own sequence.
    if (kind === 'result' && at === row.length - 1 && damaged[at] === row[0])
      assert.equal(back, { ...(read(kind, row) as object), delivered: true });
    else if (back !== null) {
      assert.equal(back, read(kind, row));
      assert.equal(bytesOf(damaged), bytesOf(row));
    }
  }),
);

const bytesOf = (row: Row): unknown[] =>
  row.map((cell) => (cell instanceof Uint8Array ? Buffer.from(cell).toString('hex') : String(cell)));

hostile(
  test,
  'cells that were never written together are damage, of any number and kind',
  fc.property(
    fc.constantFrom(...(Object.keys(kinds) as Kind[])),
    fc.array(
      fc.oneof(
        anyCell,
        written.chain(([, row]) => fc.constantFrom(...row)),
      ),
      { maxLength: 14 },
    ),
    (kind, row) => {
      assert.is(read(kind, row), null);
    },
  ),
);

hostile(
  test,
  'rows of one kind, cut or moved to another table, are damage',
  fc.property(
    written,
    fc.constantFrom(...(Object.keys(kinds) as Kind[])),
    fc.nat(13),
    ([kind, row], table, length) => {
      if (table !== kind) assert.is(read(table, row), null);
      if (length < row.length) assert.is(read(kind, row.slice(0, length)), null);
      assert.is(read(kind, [...row, null]), null);
    },
  ),
);

test.run();
