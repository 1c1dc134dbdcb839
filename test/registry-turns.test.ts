import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createLimits } from '../provisioning/registry/api/limits.ts';
import { createTurns } from '../provisioning/registry/api/turns.ts';
import { isRefusal } from '../provisioning/registry/refusal.ts';

const test = suite('registry turns');

/** A clock by hand, and no chance. */
function parts() {
  let nowMs = 1_000_000;
  return {
    clock: { monotonicMs: () => nowMs },
    random: { fraction: () => 0 },
    pass: (ms: number): void => {
      nowMs += ms;
    },
  };
}

/** A registry that is full and works off so many in a second, while as many are refused. */
function busy(
  turns: ReturnType<typeof createTurns>,
  pass: (ms: number) => void,
  perSecond: number,
  seconds = 10,
): void {
  for (let second = 0; second < seconds; second += 1) {
    for (let at = 0; at < perSecond; at += 1) {
      turns.freed();
      turns.next();
      pass(1000 / perSecond);
    }
  }
}

test('who is sent away comes back one after the other, as fast as places become free', () => {
  const { clock, random, pass } = parts();
  const turns = createTurns({ clock, random });
  busy(turns, pass, 1000);
  const pauses = Array.from({ length: 60_000 }, () => turns.next());
  const first = pauses[0] ?? 0;
  assert.ok(first >= 5000, `nobody comes again at once: ${first}`);
  const spreadMs = (pauses.at(-1) ?? 0) - first;
  assert.ok(Math.abs(spreadMs - 60_000) < 6000, `60000 at 1000 a second: over ${spreadMs} ms`);
  for (let at = 1; at < pauses.length; at += 1) assert.ok((pauses[at] ?? 0) >= (pauses[at - 1] ?? 0));
});

test('a slower registry spreads them further, up to a quarter of an hour', () => {
  const { clock, random, pass } = parts();
  const turns = createTurns({ clock, random });
  busy(turns, pass, 50, 120);
  const pauses = Array.from({ length: 100_000 }, () => turns.next());
  const spreadMs = (pauses[9999] ?? 0) - (pauses[0] ?? 0);
  assert.ok(spreadMs > 150_000 && spreadMs < 250_000, `10000 at 50 a second: over ${spreadMs} ms`);
  assert.is(Math.max(...pauses.slice(0, 100)), pauses[99]);
  assert.is(pauses.at(-1), 900_000);
});

test('a few slow seconds in a storm do not make the minutes after it slow', () => {
  const { clock, random, pass } = parts();
  const turns = createTurns({ clock, random });
  busy(turns, pass, 1000, 20);
  busy(turns, pass, 50, 10);
  const pauses = Array.from({ length: 60_000 }, () => turns.next());
  const spreadMs = (pauses.at(-1) ?? 0) - (pauses[0] ?? 0);
  assert.ok(spreadMs < 90_000, `60000 at 1000 a second before: over ${spreadMs} ms`);
});

test('turns that have come are forgotten, and so is how slow a quiet registry seems', () => {
  const { clock, random, pass } = parts();
  const turns = createTurns({ clock, random });
  busy(turns, pass, 1000);
  for (let at = 0; at < 30_000; at += 1) turns.next();
  pass(60_000);
  assert.ok(turns.next() < 5100);
  // A day with a request now and then says nothing of what it could do.
  for (let at = 0; at < 100; at += 1) {
    pass(60_000);
    turns.freed();
  }
  const pauses = Array.from({ length: 1000 }, () => turns.next());
  assert.ok((pauses.at(-1) ?? 0) - (pauses[0] ?? 0) < 1500);
});

test('a guard that is full says when to come, and counts who has left once', () => {
  const { clock, random, pass } = parts();
  const limits = createLimits({ perAddressPerMinute: 1_000_000, atOnce: 2, clock, random });
  const refused = (): number | undefined => {
    try {
      limits.enter('192.0.2.1');
    } catch (error) {
      if (isRefusal(error, 'busy')) return error.retryAfterMs;
    }
    return undefined;
  };
  const leave = limits.enter('192.0.2.1');
  limits.enter('192.0.2.2');
  const pause = refused();
  assert.ok(pause !== undefined && pause >= 5000 && pause < 60_000);
  leave();
  leave();
  assert.is(limits.inFlight, 1);
  pass(10);
  assert.is(refused(), undefined);
});

test.run();
