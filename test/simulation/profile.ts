/** What one seed's world is like: its terminal, its network, its line, and how often each fault strikes. */
import type { Oddity, RuleInput, ScriptInput } from '../../gateway/simulators/terminal/script.ts';
import { type Dice, diceOf } from './random.ts';
import { type RegistryProfile, registryProfileOf } from './registry/registry-profile.ts';

/** Everything about a world that does not happen at one moment. */
export interface Profile {
  clock: 'system' | 'timesync';
  terminal: NonNullable<ScriptInput['options']>;
  network: NetworkRates;
  line: LineRates;
  /** How far each sale system's clock is ahead. */
  senderAheadMs: readonly number[];
  /** How long a sale system waits before it sends a command again. */
  resendMs: number;
  /** Null: nobody bills the box. */
  registry: RegistryProfile | null;
  /** How long the owner takes to look at an unknown outcome. */
  ownerMs: number;
}

/** Probabilities, each for one message. */
export interface NetworkRates {
  slow: number;
  slowestMs: number;
  lost: number;
  pubackLost: number;
  publishLost: number;
  publishUnacknowledged: number;
  resultLost: number;
}

/** Probabilities, each for one piece of bytes. */
export interface LineRates {
  split: number;
  glued: number;
  garbage: number;
  bitError: number;
}

/** Most worlds are without a certain fault, so that each is also seen without the noise of the others. */
const rate = (dice: Dice, share: number, rates: readonly number[]): number =>
  dice.chance(share) ? dice.pick(rates) : 0;

/** The profile of a seed. */
export function profileOf(seed: number): Profile {
  const dice = diceOf(seed, 'profile');
  const line: LineRates = {
    split: rate(dice, 0.25, [0.02, 0.3]),
    glued: rate(dice, 0.25, [0.02, 0.3]),
    garbage: rate(dice, 0.15, [0.001, 0.01]),
    bitError: rate(dice, 0.15, [0.001, 0.01]),
  };
  const isClean = line.garbage === 0 && line.bitError === 0;
  return {
    clock: dice.chance(0.35) ? 'timesync' : 'system',
    terminal: terminalOf(dice, isClean),
    network: {
      slow: rate(dice, 0.4, [0.05, 0.5]),
      slowestMs: dice.pick([200, 5_000, 90_000]),
      lost: rate(dice, 0.3, [0.02, 0.15]),
      pubackLost: rate(dice, 0.3, [0.03, 0.2]),
      publishLost: rate(dice, 0.25, [0.002, 0.02]),
      publishUnacknowledged: rate(dice, 0.25, [0.002, 0.02]),
      resultLost: rate(dice, 0.25, [0.05, 0.3]),
    },
    line,
    senderAheadMs: [0, dice.pick([0, 0, -50_000, 50_000])],
    resendMs: dice.pick([7_000, 20_000, 45_000]),
    ownerMs: dice.pick([5_000, 60_000, 400_000]),
    registry: registryProfileOf(seed),
  };
}

/** A line that changes bytes may hide the holder's name from the box, so that a leaky terminal needs a clean one. */
function terminalOf(dice: Dice, isClean: boolean): Profile['terminal'] {
  const odd: Oddity[] = [];
  for (const oddity of ['keyTypos', 'strayBlanks', 'commaAmounts', 'shortCodes', 'shortTime'] as const)
    if (dice.chance(0.1)) odd.push(oddity);
  for (const oddity of ['keyOrder', 'leadingNul', 'glued', 'split', 'garbage'] as const)
    if (dice.chance(0.05)) odd.push(oddity);
  const without = (method: string, share: number): string[] => (dice.chance(share) ? [method] : []);
  return {
    stepMs: dice.pick([50, 400, 1_000, 3_000]),
    lookUpMs: dice.pick([10, 50, 500, 1_500]),
    bootMs: dice.pick([2_000, 20_000, 90_000]),
    odd,
    splitBytes: dice.pick([7, 50, 300]),
    interruptLosesRace: dice.chance(0.2),
    whenLineLost: dice.chance(0.25) ? 'reverse' : 'finish',
    lateAnswers: dice.chance(0.25),
    muteAfterBreakMs: dice.chance(0.2) ? dice.pick([3_000, 30_000]) : 0,
    declinedListed: dice.chance(0.25),
    declinedNumbered: dice.chance(0.2),
    restartNumbers: dice.chance(0.25),
    firstInvoice: dice.chance(0.3) ? 1 : 131_220,
    leaky: isClean && dice.chance(0.4),
    bareAnswers: dice.chance(0.1),
    noReceiptLookUp: dice.chance(0.05),
    withoutMethods: [
      ...without('ServiceMessage', 0.03),
      ...without('GetBalance', 0.1),
      ...without('ServicePbP', 0.05),
    ],
    batchLimit: dice.chance(0.05) ? 12 : 100_000,
    clockOffsetMs: dice.chance(0.2) ? dice.pick([-600_000, -100_000, 100_000, 600_000]) : 0,
  };
}

/** Methods that move money, for the rules that break them. */
const moneyMethods = [
  'Purchase',
  'Refund',
  'Withdrawal',
  'WithdrawalPartly',
  'Cashback',
  'Preauthorization',
  'SaleCompletion',
  'ServicePbP',
  'ServiceRefPbP',
] as const;

type Deed = Omit<RuleInput, 'match' | 'times'>;

const deeds: readonly (readonly [weight: number, deed: Deed])[] = [
  [3, { do: 'dropAfter' }],
  [3, { do: 'dropBefore' }],
  [2, { do: 'dropDuring' }],
  [2, { do: 'decline' }],
  [1, { do: 'decline', code: '0116' }],
  [2, { do: 'partial' }],
  [1, { do: 'customerCancels' }],
  [2, { do: 'rebootAfter' }],
  [1, { do: 'reboot' }],
  [1, { do: 'fail', code: '1000' }],
  [1, { do: 'fail', code: '1002' }],
  [1, { do: 'fail', code: '1008' }],
  [2, { do: 'silent' }],
  [1, { do: 'ignore' }],
  [1, { do: 'busy' }],
  [1, { do: 'noPaper' }],
  [2, { do: 'garbled' }],
  [2, { do: 'slow', delayMs: 20_000 }],
  [1, { do: 'slow', delayMs: 200_000 }],
  [1, { do: 'slow', delayMs: 320_000 }],
];
const lies: readonly (readonly [weight: number, deed: Deed])[] = [
  [1, { do: 'contradict' }],
  [1, { do: 'contradict', code: '1000' }],
  [1, { do: 'contradict', code: '1008' }],
];
const lookUpDeeds: readonly Deed[] = [
  { do: 'garbled' },
  { do: 'silent' },
  { do: 'busy' },
  { do: 'dropBefore' },
  { do: 'ignore' },
  { do: 'slow', delayMs: 3_500 },
  { do: 'slow', delayMs: 20_000 },
];

/**
 * What the terminal makes of its next fitting request. A terminal that lies about money and shows no receipts cannot
 * be seen through by anybody: there the answer is the truth.
 */
export function ruleFor(dice: Dice, { terminal }: Profile): RuleInput {
  if (dice.chance(0.15))
    return {
      match: { method: dice.pick(['GetReceiptInfo', 'PingDevice', 'ServiceMessage', 'Audit', 'Verify']) },
      times: 1,
      ...dice.pick(lookUpDeeds),
    };
  const method = dice.chance(0.6) ? 'Purchase' : dice.pick(moneyMethods);
  const deed = dice.weighted(terminal.noReceiptLookUp ? deeds : [...deeds, ...lies]);
  const whenLineLost = dice.chance(0.3) ? { whenLineLost: dice.pick(['finish', 'reverse'] as const) } : {};
  return { match: { method }, times: 1, ...deed, ...whenLineLost };
}
