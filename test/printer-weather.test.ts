/** A printer that anything happens to, in any order: what was told, held against what is on the paper. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { numbered, PrinterBench } from './support/printer-bench.ts';

const test = suite('printer weather');

type Deed =
  | { kind: 'print'; lines: number }
  | { kind: 'paper'; lines: number }
  | { kind: 'openCover' | 'closeCover' | 'unplug' | 'plug' | 'powerCycle' | 'deafen' | 'hear' };

interface Happening {
  deed: Deed;
  afterMs: number;
}

const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('print' as const), lines: fc.integer({ min: 1, max: 60 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('paper' as const), lines: fc.integer({ min: 0, max: 80 }) }),
  },
  {
    weight: 6,
    arbitrary: fc
      .constantFrom('openCover', 'closeCover', 'unplug', 'plug', 'powerCycle', 'deafen', 'hear')
      .map((kind) => ({ kind }) as Deed),
  },
);
const story: fc.Arbitrary<Happening[]> = fc.array(
  fc.record({
    deed,
    afterMs: fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 30_000 })),
  }),
  { minLength: 1, maxLength: 12 },
);
const kinds = fc.record({
  lineMs: fc.constantFrom(1, 30, 200),
  bufferBytes: fc.constantFrom(200, 4_096),
  lacks: fc.constantFrom<('processId' | 'inTurn' | 'clear')[]>(
    [],
    ['clear'],
    ['processId'],
    ['processId', 'clear'],
  ),
});

function carryOut(bench: PrinterBench, deed: Deed, name: string): boolean {
  const { device } = bench;
  switch (deed.kind) {
    case 'print':
      if (bench.printer.isBusy()) return false;
      bench.print(name, numbered(deed.lines, `${name}:`));
      return true;
    case 'paper':
      device.loadPaper(deed.lines);
      return false;
    case 'deafen':
    case 'hear':
      device.deaf = deed.kind === 'deafen';
      return false;
    default:
      device[deed.kind]();
      return false;
  }
}

/** Lets the story happen; then somebody puts everything right, and one paper more is printed. */
async function live(
  happenings: readonly Happening[],
  options: ConstructorParameters<typeof PrinterBench>[0],
) {
  const bench = new PrinterBench({ paperLines: 10_000, ...options });
  const papers = new Map<string, number>();
  for (const [at, { deed, afterMs }] of happenings.entries()) {
    await bench.time.advance(afterMs);
    const name = `p${at}`;
    if (carryOut(bench, deed, name)) papers.set(name, deed.kind === 'print' ? deed.lines : 0);
  }
  await bench.time.runUntil(() => bench.told.length === papers.size, 3_600_000);
  const { device } = bench;
  device.deaf = false;
  device.plug();
  device.closeCover();
  device.loadPaper(10_000);
  await bench.time.advance(60_000);
  await bench.is('ready');
  bench.print('last', numbered(3, 'last:'), 300_000);
  await bench.time.runUntil(() => bench.told.length === papers.size + 1, 600_000);
  await bench.time.advance(60_000);
  return { bench, papers };
}

function judge({ bench, papers }: Awaited<ReturnType<typeof live>>): void {
  const outcomes = new Map(bench.told.map((line) => line.split(' ', 2) as [string, string]));
  assert.is(outcomes.size, papers.size + 1, 'each paper is told once');
  assert.is(outcomes.get('last'), 'done');
  const receipts = bench.device.receipts.map((receipt) => receipt.toText().trim().split('\n'));
  const printed = bench.device.text.split('\n').filter((line) => line.includes(':'));
  assert.is(new Set(printed).size, printed.length, 'no line is printed twice');
  for (const [name, count] of [...papers, ['last', 3] as const]) {
    const lines = Array.from({ length: count }, (_, at) => `${name}: ${at + 1}`);
    if (!bench.begun.includes(name))
      assert.not.ok(
        printed.some((line) => line.startsWith(`${name}:`)),
        'not begun',
      );
    if (outcomes.get(name) !== 'done') continue;
    assert.ok(
      receipts.some((receipt) => receipt.join('\n') === lines.join('\n')),
      `${name} is called done, and it is not whole on a paper of its own:\n${bench.device.text}`,
    );
  }
}

test('whatever happens: told once, printed at most once, done is whole and alone, and the next paper is not touched', async () => {
  await fc.assert(
    fc.asyncProperty(story, kinds, async (happenings, options) => {
      const lived = await live(happenings, options);
      judge(lived);
      await lived.bench.stop();
      assert.is(lived.bench.time.pending, 0);
    }),
    { numRuns: 150, seed: 20_261_122, endOnFailure: false },
  );
});

test.run();
