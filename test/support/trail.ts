/** The longest that a test waits for anything; only a failing test ever does. */
export const waitMaxMs = 20_000;

/** A list that only grows, and that can be waited on: lines of a process, messages of a broker, frames on a wire. */
export class Trail<Item> {
  readonly items: Item[] = [];
  readonly #name: string;
  readonly #waiters = new Set<() => void>();
  readonly #followers: ((item: Item) => void)[] = [];
  #ended: string | null = null;

  /** `name`: what it is a trail of, for the error of a wait in vain. */
  constructor(name: string) {
    this.#name = name;
  }

  add(item: Item): void {
    this.items.push(item);
    for (const hear of this.#followers) hear(item);
    this.#wake();
  }

  /** Nothing more can come: whoever still waits fails now. */
  end(why: string): void {
    this.#ended ??= why;
    this.#wake();
  }

  /**
   * The first item, past or future, that fits.
   *
   * @param what for the error: what was waited for
   * @param from only items from this place on
   */
  find(fits: (item: Item) => boolean, what: string, from = 0, limitMs = waitMaxMs): Promise<Item> {
    return new Promise((resolve, reject) => {
      let next = from;
      const done = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(look);
      };
      const fail = (why: string): void => {
        done();
        const last = this.items.slice(-5).map((item) => JSON.stringify(item)?.slice(0, 400));
        reject(new Error(`${this.#name}: ${why}, waiting for ${what}; the last: ${last.join(' | ')}`));
      };
      const look = (): void => {
        for (; next < this.items.length; next += 1) {
          const item = this.items[next] as Item;
          if (!fits(item)) continue;
          done();
          return resolve(item);
        }
        if (this.#ended !== null) fail(this.#ended);
      };
      const timer = setTimeout(() => fail(`nothing in ${limitMs} ms`), limitMs);
      this.#waiters.add(look);
      look();
    });
  }

  /** Hears every item from now on. */
  follow(hear: (item: Item) => void): void {
    this.#followers.push(hear);
  }

  #wake(): void {
    for (const look of [...this.#waiters]) look();
  }
}
