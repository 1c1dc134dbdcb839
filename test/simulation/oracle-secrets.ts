/** Invariant 7 (docs/invariants.md): what may never be on disk, in a log or on the wire. */
import type { Card } from '../../gateway/simulators/terminal/cards.ts';
import type { Judged } from './judged.ts';
import { keys } from './world.ts';

/** Everything that a box leaves behind, as text. */
function texts({ world, log }: Judged): [where: string, text: string][] {
  const published = world.broker.published.map(({ topic, payload }) =>
    topic.endsWith('/results') ? Buffer.from(payload.split('.')[1] ?? '', 'base64url').toString() : payload,
  );
  const journal = JSON.stringify(world.journal.latest(100_000));
  return [
    ['what was published', published.join('\n')],
    ['the journal', journal],
    ['the log', log.text()],
  ];
}

/** What of a card may not be seen: more than its first 6 and last 4 digits, its holder, its expiry. */
function secretsOf({ pan, holder, expiry }: Card): [what: string, text: string][] {
  const [family = '', given = ''] = holder.split('/');
  return [
    ['a card number', pan.slice(0, 9)],
    ['a card number', pan.slice(4, 13)],
    ['a card number', pan.slice(-8)],
    ['a holder', family],
    ['a holder', given],
    ['an expiry', `ДІЄ ДО ${expiry}`],
    ['an expiry', `=${expiry}`],
    ['an expiry', `"expiry`],
    ['a track', `^${expiry}`],
  ];
}

/** Looks for each secret in each text. */
export function judgeSecrets(simulation: Judged): void {
  const { world, other, violations, secrets: more = [] } = simulation;
  const cards = [...world.terminal.cards, ...other.cards].flatMap(secretsOf);
  const ours = Object.values(keys).flatMap(({ secret }): [string, string][] => [
    ['a key', secret],
    ['a key', Buffer.from(secret, 'base64url').toString()],
  ]);
  const secrets = new Map([...cards, ...ours, ...more].map(([what, text]) => [text, what]));
  for (const [where, whole] of texts(simulation)) {
    // A moment in milliseconds has as many digits as the middle of a card number, and in the end the same ones.
    const text = whole.replace(/Ms":\d+/g, 'Ms":0');
    for (const [secret, what] of secrets)
      if (text.includes(secret)) violations.report('7', '', `${what} in ${where}`);
  }
}
