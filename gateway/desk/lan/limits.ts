/** How much the desk lets in: of one address, and of all together. */
import type { Clock } from '../../seams/time.ts';
import { DeskRefusal } from '../refusal.ts';

/** What is allowed. */
export interface DeskLimits {
  /** Requests of one address within a minute; as many at once, then as they come back. */
  perAddressPerMinute: number;
  /** The same for all addresses together. */
  perMinute: number;
  /** Requests that are being worked on or wait for an outcome: of one address, and in all. */
  atOncePerAddress: number;
  atOnce: number;
  /** Clients that hear events: of one address, and in all. */
  listenersPerAddress: number;
  listeners: number;
  /** Connections: of one address, and in all. */
  connectionsPerAddress: number;
  connections: number;
}

/** A shop's tills behind one server are a hundred; somebody at one address alone takes away nothing of the others'. */
export const usualLimits: DeskLimits = {
  perAddressPerMinute: 1200,
  perMinute: 6000,
  atOncePerAddress: 256,
  atOnce: 640,
  listenersPerAddress: 8,
  listeners: 32,
  connectionsPerAddress: 300,
  connections: 1000,
};

/** Counts. */
export interface Gate {
  /** One more request. @throws DeskRefusal `tooMany` with a time to come again */
  count(address: string): void;
  /** Takes a place, which the returned function gives back. @throws DeskRefusal `tooMany` */
  enter(address: string, what: 'request' | 'listener'): () => void;
  /** Takes a place for a connection; null: there is none. */
  connect(address: string): (() => void) | null;
  readonly connections: number;
}

interface Bucket {
  left: number;
  atMs: number;
}

const addressesMax = 4096;
const busyPauseMs = 2000;

/** Makes the gate. Only addresses that ask are remembered, those of longest ago make room. */
export function createGate(limits: DeskLimits, clock: Pick<Clock, 'monotonicMs'>): Gate {
  const buckets = new Map<string, Bucket>();
  const places = {
    request: createPlaces(limits.atOncePerAddress, limits.atOnce),
    listener: createPlaces(limits.listenersPerAddress, limits.listeners),
    connection: createPlaces(limits.connectionsPerAddress, limits.connections),
  };
  const all: Bucket = { left: limits.perMinute, atMs: clock.monotonicMs() };

  function take(bucket: Bucket, perMinute: number): void {
    const nowMs = clock.monotonicMs();
    const perMs = perMinute / 60_000;
    bucket.left = Math.min(perMinute, bucket.left + (nowMs - bucket.atMs) * perMs);
    bucket.atMs = nowMs;
    if (bucket.left < 1) throw new DeskRefusal('tooMany', undefined, (1 - bucket.left) / perMs);
    bucket.left -= 1;
  }

  return {
    count(address) {
      const key = networkOf(address);
      const bucket = buckets.get(key) ?? { left: limits.perAddressPerMinute, atMs: clock.monotonicMs() };
      buckets.delete(key);
      buckets.set(key, bucket);
      if (buckets.size > addressesMax) buckets.delete(buckets.keys().next().value ?? '');
      // Its own first: whoever has had enough takes nothing from the others'.
      take(bucket, limits.perAddressPerMinute);
      take(all, limits.perMinute);
    },
    enter(address, what) {
      const leave = places[what].take(networkOf(address));
      if (leave === null) throw new DeskRefusal('tooMany', undefined, busyPauseMs);
      return leave;
    },
    connect: (address) => places.connection.take(networkOf(address)),
    get connections() {
      return places.connection.taken;
    },
  };
}

function createPlaces(perAddress: number, inAll: number) {
  const taken = new Map<string, number>();
  let all = 0;
  return {
    get taken() {
      return all;
    },
    /** Null: none is free. */
    take(key: string): (() => void) | null {
      const mine = taken.get(key) ?? 0;
      if (mine >= perAddress || all >= inAll) return null;
      taken.set(key, mine + 1);
      all += 1;
      let isTaken = true;
      return () => {
        if (!isTaken) return;
        isTaken = false;
        all -= 1;
        const left = (taken.get(key) ?? 1) - 1;
        if (left === 0) taken.delete(key);
        else taken.set(key, left);
      };
    },
  };
}

/** Who counts as one: an IPv4 address, or the network of an IPv6 address, whose host part anybody may change. */
export function networkOf(address: string): string {
  const v4 = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (v4 !== undefined) return v4;
  const [bare = ''] = address.split('%');
  const [head = '', tail] = bare.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array<string>(gap).fill('0'), ...after];
  return groups
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':');
}
