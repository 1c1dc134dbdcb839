/** What else may be at the panel's port: nothing of it is used, and nothing of it costs anything but the panel. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PanelPort } from '../gateway/panel/talk.ts';
import { PanelBench } from './support/panel-bench.ts';

const test = suite('panel strangers');

/** A port with something else behind it, which answers what it is told to. */
function otherDevice(answer: (bytes: Uint8Array) => Uint8Array | null, time: () => PanelBench): PanelPort {
  return {
    name: 'serial:/dev/other',
    async open({ data, closed }) {
      return {
        write(bytes) {
          const said = answer(bytes);
          if (said !== null) time().time.after(1, () => data(said));
        },
        async close() {
          closed('closed');
        },
      };
    },
  };
}

const isVersionQuery = (bytes: Uint8Array): boolean => bytes[1] === 0x02;
const isNameQuery = (bytes: Uint8Array): boolean => bytes[1] === 0x79;
const named = (name: string): Uint8Array =>
  Uint8Array.of(0xf0, 0x79, 1, 0, ...[...name].flatMap((char) => [char.charCodeAt(0), 0]), 0xf7);

const others: [
  what: string,
  state: string,
  complaint: RegExp,
  answer: (bytes: Uint8Array) => Uint8Array | null,
][] = [
  [
    'a panel of an older version',
    'outdated',
    /speaks version 0\.9/,
    (bytes) =>
      isVersionQuery(bytes)
        ? Uint8Array.of(0xf0, 0x02, 0, 9, 0, 9, 1, 0xf7)
        : isNameQuery(bytes)
          ? named('swipe-panel')
          : null,
  ],
  [
    'a panel that does not know its version',
    'outdated',
    /speaks version 0\.0/,
    (bytes) => (isNameQuery(bytes) ? named('swipe-panel') : null),
  ],
  [
    'an Arduino with other firmware',
    'foreign',
    /other firmware is at its port: StandardFirmata/,
    (bytes) => (isNameQuery(bytes) ? named('StandardFirmata.ino') : null),
  ],
  [
    'another device, which talks',
    'foreign',
    /another device/,
    () => Buffer.from(`\u0000{"method":"ServiceMessage"}\u0000\xf0\xff\xe0garbage`, 'latin1'),
  ],
];

for (const [what, state, complaint, answer] of others)
  test(`${what} is not used, and said to be there`, async () => {
    const bench: PanelBench = new PanelBench(otherDevice(answer, () => bench));
    bench.panel.start();
    await bench.untilState(state);
    assert.match(bench.complaints.join('\n'), complaint);
    await bench.time.advance(120_000);
    assert.equal(bench.states, [state]);
    assert.is(bench.complaints.length, 1, 'the same complaint is made once');
    await bench.stop();
  });

test('a port that answers nothing, and one that is not there, are tried for ever', async () => {
  let opened = 0;
  const silent = otherDevice(
    () => null,
    () => bench,
  );
  const port: PanelPort = {
    name: silent.name,
    open(handlers) {
      opened += 1;
      return opened % 2 === 0 ? Promise.reject(new Error('no such device')) : silent.open(handlers);
    },
  };
  const bench: PanelBench = new PanelBench(port);
  bench.panel.start();
  await bench.untilState('absent');
  while (opened < 1) {
    await bench.time.advance(10);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  await bench.time.advance(600_000);
  assert.ok(opened > 20, `${opened} times`);
  assert.ok(opened < 80, `${opened} times`);
  await bench.stop();
});

test('a panel that starts again and again is left alone for longer and longer', async () => {
  let opened = 0;
  const chatter = otherDevice(
    (bytes) => {
      if (isNameQuery(bytes)) return named('swipe-panel');
      if (isVersionQuery(bytes)) return Uint8Array.of(0xf0, 0x02, 1, 0, 1, 0, 0, 0xf7);
      return Uint8Array.of(0xf9, 2, 5);
    },
    () => bench,
  );
  const port: PanelPort = {
    name: chatter.name,
    open(handlers) {
      opened += 1;
      return chatter.open(handlers);
    },
  };
  const bench: PanelBench = new PanelBench(port);
  await bench.start();
  await bench.time.advance(300_000);
  assert.ok(opened > 5 && opened < 20, `${opened} times`);
  assert.ok(bench.complaints.length < 120, `${bench.complaints.length} lines`);
  await bench.stop();
});

test('what calls itself a panel and talks nonsense costs nothing but the panel', async () => {
  const random = (() => {
    let seed = 12_345;
    return (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
  })();
  // Whole messages, so that they get as far as johnny-five: of its kinds, with any data.
  const kinds = [0xf9, 0x90, 0xe0, 0x6a, 0x6c, 0x6e, 0x71, 0x79, 0x02, 0x03, 0x77, 0x73, 0x60, 0x62, 0x75];
  const nonsense = (): Uint8Array => {
    const kind = kinds[random(kinds.length)] ?? 0xf9;
    const data = Array.from({ length: random(40) }, () => random(128));
    return kind < 0x80
      ? Uint8Array.of(0xf0, kind, ...data, 0xf7)
      : Uint8Array.of(kind | (kind < 0xf0 ? random(16) : 0), random(128), random(128));
  };
  for (let round = 0; round < 30; round += 1) {
    let isMet = false;
    const answer = (bytes: Uint8Array): Uint8Array => {
      if (isNameQuery(bytes) && !isMet) return named('swipe-panel');
      if (isVersionQuery(bytes)) {
        isMet = true;
        return Uint8Array.of(0xf0, 0x02, 1, 0, 1, 0, 0, 0xf7);
      }
      const firmata = random(2) === 0 ? [Uint8Array.of(0xf9, 2, 6), named('swipe-panel')] : [];
      return Buffer.concat([...firmata, nonsense(), nonsense()]);
    };
    const bench: PanelBench = new PanelBench(otherDevice(answer, () => bench));
    bench.panel.start();
    for (let step = 0; step < 60; step += 1) {
      await bench.time.advance(100);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    bench.show({ status: { unresolved: ['operation-1'] } });
    await bench.time.advance(1_000);
    await bench.stop();
  }
});

test.run();
