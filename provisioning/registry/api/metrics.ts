/** What Prometheus is told (text format 0.0.4). Counted in this instance; what is in the database is asked for. */
import { rememberedEnd } from '../broker/server-certificate.ts';
import { allPerMinute } from '../identity/attempts.ts';
import type { Core } from '../services/core.ts';
import { wrongCodesNow } from '../store/attempts.ts';
import { backlog } from '../store/errands.ts';

/** Counters of one instance. */
export interface Metrics {
  /** A request was answered. */
  answered(route: string, status: number, seconds: number): void;
  /** A request was refused, and why. */
  refused(code: string): void;
  /** When the certificate of the HTTPS address ends. */
  tlsEnds(notAfterMs: number): void;
  /** All of it as text. */
  text(core: Core, inFlight: number): Promise<string>;
}

const boundsS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Times {
  buckets: number[];
  sum: number;
  count: number;
}

/** Makes counters that stand at nothing. Their labels are routes and codes, of which there are few. */
export function createMetrics(): Metrics {
  const answers = new Map<string, number>();
  const refusals = new Map<string, number>();
  const times = new Map<string, Times>();
  let tlsEndMs: number | null = null;
  let brokerEnd: (() => Promise<number | null>) | null = null;
  const up = (counts: Map<string, number>, key: string): void =>
    void counts.set(key, (counts.get(key) ?? 0) + 1);

  return {
    answered(route, status, seconds) {
      up(answers, `route="${route}",status="${status}"`);
      const known = times.get(route) ?? { buckets: boundsS.map(() => 0), sum: 0, count: 0 };
      for (const [at, bound] of boundsS.entries())
        if (seconds <= bound) known.buckets[at] = (known.buckets[at] ?? 0) + 1;
      known.sum += seconds;
      known.count += 1;
      times.set(route, known);
    },
    tlsEnds(notAfterMs) {
      tlsEndMs = notAfterMs;
    },
    refused: (code) => up(refusals, `code="${code}"`),
    async text(core, inFlight) {
      const nowMs = core.clock.nowMs();
      const { reader } = core.store;
      const errands = await backlog(reader, nowMs);
      const alarms = await reader
        .selectFrom('alarms')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('acknowledged_at_ms', 'is', null)
        .executeTakeFirstOrThrow();
      const meta = await reader.selectFrom('meta').select(['mode', 'crl_until_ms']).executeTakeFirstOrThrow();
      const left = (endMs: number): number => Math.max(0, endMs - nowMs) / 1000;
      const crlS = meta.crl_until_ms === null ? 0 : left(meta.crl_until_ms);
      const { caNotAfterMs } = await core.authority.state();
      brokerEnd ??= rememberedEnd(async () => (await core.broker?.certificate('now')) ?? null, core.clock);
      const brokerEndMs = await brokerEnd();
      const waitedS = errands.oldestMs === null ? 0 : (nowMs - errands.oldestMs) / 1000;
      return [
        ...family('http_requests_total', 'counter', 'Requests that were answered.', counted(answers)),
        ...family(
          'refusals_total',
          'counter',
          'Requests that were refused, by the code of the problem.',
          counted(refusals),
        ),
        ...family('http_request_seconds', 'histogram', 'How long answers took.', histogram(times)),
        ...family('requests_in_flight', 'gauge', 'Requests that are being worked on.', [['', inFlight]]),
        ...family('errands_due', 'gauge', 'What is still to be done at the broker.', [['', errands.count]]),
        ...family('errands_oldest_seconds', 'gauge', 'How long the oldest of them has waited.', [
          ['', waitedS],
        ]),
        ...family('alarms_open', 'gauge', 'Alarms that nobody has acknowledged.', [
          ['', Number(alarms.count)],
        ]),
        ...family(
          'wrong_codes',
          'gauge',
          `Wrong codes in this minute, of all together; from ${allPerMinute} on none is looked at until it is over.`,
          [['', await wrongCodesNow(reader, nowMs)]],
        ),
        ...family('crl_seconds_left', 'gauge', 'How long the revocation list is still good for.', [
          ['', crlS],
        ]),
        ...family('ca_seconds_left', 'gauge', 'How long the CA is still good for.', [
          ['', left(caNotAfterMs)],
        ]),
        ...family(
          'broker_certificate_seconds_left',
          'gauge',
          "How long the broker's own certificate is still good for.",
          brokerEndMs === null ? [] : [['', left(brokerEndMs)]],
        ),
        ...family(
          'tls_certificate_seconds_left',
          'gauge',
          'How long the certificate of this HTTPS address is still good for.',
          tlsEndMs === null ? [] : [['', left(tlsEndMs)]],
        ),
        ...family('restored', 'gauge', '1 while a restore waits for the operator.', [
          ['', meta.mode === 'restored' ? 1 : 0],
        ]),
        '',
      ].join('\n');
    },
  };
}

type Sample = readonly [labels: string, value: number, ending?: string];

const counted = (counts: ReadonlyMap<string, number>): Sample[] =>
  [...counts].map(([labels, value]) => [`{${labels}}`, value]);

const histogram = (times: ReadonlyMap<string, Times>): Sample[] =>
  [...times].flatMap(([route, { buckets, sum, count }]) => [
    ...boundsS.map((bound, at): Sample => [`{route="${route}",le="${bound}"}`, buckets[at] ?? 0, '_bucket']),
    [`{route="${route}",le="+Inf"}`, count, '_bucket'] as const,
    [`{route="${route}"}`, sum, '_sum'] as const,
    [`{route="${route}"}`, count, '_count'] as const,
  ]);

function family(name: string, type: string, help: string, samples: readonly Sample[]): string[] {
  const full = `swipe_registry_${name}`;
  return [
    `# HELP ${full} ${help}`,
    `# TYPE ${full} ${type}`,
    ...samples.map(([labels, value, ending = '']) => `${full}${ending}${labels} ${value}`),
  ];
}
