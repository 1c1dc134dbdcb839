import type { NetworkRates } from './profile.ts';
import { diceOf } from './random.ts';
import type { Weather } from './sim-broker.ts';
import type { Tally } from './tally.ts';

/** The network of one seed; `isFair` ends its faults. */
export function weatherOf(seed: number, rates: NetworkRates, faults: Tally, isFair: () => boolean): Weather {
  const dice = diceOf(seed, 'weather');
  const strikes = (rate: number, name: string): boolean => {
    if (rate === 0 || isFair() || !dice.chance(rate)) return false;
    faults.add(name);
    return true;
  };
  return {
    delayMs: () => (strikes(rates.slow, 'mqtt: a command delayed') ? dice.between(1, rates.slowestMs) : 1),
    isLost: () => strikes(rates.lost, 'mqtt: a command lost'),
    isPubackLost: () => strikes(rates.pubackLost, 'mqtt: PUBACK lost, command brought again'),
    publishFate() {
      if (strikes(rates.publishLost, 'mqtt: a message of the box lost with the connection')) return 'lost';
      return strikes(rates.publishUnacknowledged, "mqtt: the broker's PUBACK lost with the connection")
        ? 'unacknowledged'
        : 'arrives';
    },
  };
}
