import { parseAmount } from './money.ts';
import type { Params } from './orders.ts';
import type { Rule } from './script.ts';

/** What happens where no rule applies. */
export const defaultRule: Rule = { match: {}, do: 'approve', delayMs: 0, skip: 0 };

interface Entry {
  rule: Rule;
  skip: number;
  left: number;
}

const entryOf = (rule: Rule): Entry => ({
  rule,
  skip: rule.skip,
  left: rule.times ?? Number.POSITIVE_INFINITY,
});

/** The script's rules, each with how often it may still apply. */
export class Rules {
  #entries: Entry[];

  constructor(rules: readonly Rule[]) {
    this.#entries = rules.map(entryOf);
  }

  /** Adds a rule before all others. */
  add(rule: Rule): void {
    this.#entries = [entryOf(rule), ...this.#entries.filter(({ left }) => left > 0)];
  }

  /**
   * The first rule that matches and has not been used up; using it counts. A rule that still skips lets the
   * request through to the rules after it.
   */
  take(method: string, params: Params): Rule {
    for (const entry of this.#entries) {
      if (entry.left === 0 || !matches(entry.rule, method, params)) continue;
      if (entry.skip > 0) {
        entry.skip -= 1;
        continue;
      }
      entry.left -= 1;
      return entry.rule;
    }
    return defaultRule;
  }
}

function matches({ match }: Rule, method: string, params: Params): boolean {
  const { method: wantedMethod, amount, ...texts } = match;
  if (wantedMethod !== undefined && wantedMethod !== method) return false;
  if (amount !== undefined && parseAmount(params.amount ?? '') !== parseAmount(amount)) return false;
  return Object.entries(texts).every(([name, wanted]) => wanted === undefined || params[name] === wanted);
}
