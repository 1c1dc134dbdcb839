/** One merchant on the terminal: a legal entity or a bank service. */
export interface Merchant {
  index: string;
  /** As `getMerchantList` tells it. */
  name: string;
  /** As `getMaskList` tells it. */
  mask: string;
  /** The `merchant` of an answer. */
  merchantId: string;
  terminalId: string;
}

/**
 * What a shop's terminal may look like. The bank's services have fixed places: 3 to 8 (ECR protocol JSON based
 * v1.0.3.1 §5.11 to §5.14).
 */
export const defaultMerchants: Readonly<Record<string, string>> = {
  '1': 'Магазин',
  '2': 'Бонус Плюс',
  '3': 'Оплата Частинами в періоді',
  '4': 'Миттєва розстрочка',
  '6': 'Оплата Частинами',
  '7': 'Миттєва розстрочка. Акційна',
  '8': 'Оплата Частинами. Акційна',
  '10': 'INKASS1',
};

const placed = (index: string): string => index.padStart(2, '0');

/** A merchant by its index and name; its ids on the bank's side are made up. */
export const merchantOf = (index: string, name: string): Merchant => ({
  index,
  name,
  mask: name.startsWith('INKASS') ? name : `SIMKKM${placed(index)}`,
  merchantId: `S1SIM0${placed(index)}`,
  terminalId: `SIMTID${placed(index)}`,
});

/** The merchants of one terminal. */
export class Merchants {
  readonly #byIndex: ReadonlyMap<string, Merchant>;

  /** @param names index to name; at least one */
  constructor(names: Readonly<Record<string, string>>) {
    this.#byIndex = new Map(Object.entries(names).map(([index, name]) => [index, merchantOf(index, name)]));
  }

  all(): readonly Merchant[] {
    return [...this.#byIndex.values()];
  }

  /** By its index; `0` and nothing mean that the terminal chooses: its first. Null when there is none. */
  find(index: string): Merchant | null {
    if (index === '0' || index === '') return this.all()[0] ?? null;
    return this.#byIndex.get(index) ?? null;
  }

  /** A bank service's fixed place, whether or not the terminal lists it. */
  ofService(index: string, name: string): Merchant {
    return this.#byIndex.get(index) ?? merchantOf(index, name);
  }
}
