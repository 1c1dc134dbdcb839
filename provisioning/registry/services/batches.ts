/** Work that is cheaper together: whoever waits while others are being served is served with the next. */

/** How items share. */
export interface BatchParts<Item> {
  /** At most so many together. More would only let the first wait for the last. */
  most: number;
  /** So many batches at once. */
  atOnce: number;
  /** Two items of one key are never in batches that run at the same time. */
  keyOf(item: Item): string;
}

interface Waiting<Item, Answer> {
  item: Item;
  key: string;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * Gives items to `work` in batches, in the order in which they came. An item that finds nobody waiting goes at once, so
 * that a batch is no longer than it must be. The queue has no end: who calls sees to it that not too many wait.
 *
 * @param work answers each of them, in their order; when it rejects, all of them do
 */
export function createBatches<Item, Answer>(
  work: (items: readonly Item[]) => Promise<readonly Answer[]>,
  { most, atOnce, keyOf }: BatchParts<Item>,
): (item: Item) => Promise<Answer> {
  let queue: Waiting<Item, Answer>[] = [];
  const busy = new Set<string>();
  let running = 0;

  function take(): Waiting<Item, Answer>[] {
    const batch: Waiting<Item, Answer>[] = [];
    const rest: Waiting<Item, Answer>[] = [];
    for (const waiting of queue) {
      if (batch.length === most || busy.has(waiting.key)) rest.push(waiting);
      else {
        busy.add(waiting.key);
        batch.push(waiting);
      }
    }
    queue = rest;
    return batch;
  }

  async function run(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await work(batch.map(({ item }) => item));
      for (const [at, { resolve }] of batch.entries()) resolve(answers[at] as Answer);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    for (const { key } of batch) busy.delete(key);
    running -= 1;
    next();
  }

  function next(): void {
    while (running < atOnce && queue.length > 0) {
      const batch = take();
      if (batch.length === 0) return;
      running += 1;
      void run(batch);
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      queue.push({ item, key: keyOf(item), resolve, reject });
      next();
    });
}
