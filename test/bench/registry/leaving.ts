/** The largest customer leaves. */
import { percentile, short } from '../numbers.ts';
import type { Row } from '../report.ts';
import { bigCustomer } from './fill.ts';
import type { Parts } from './steady.ts';

const pauseMs = 20;

/** The row about it: how long the call took, until all boxes have ended, and what others waited meanwhile. */
export async function measureLeaving({ registry, known }: Parts): Promise<Row[]> {
  const headers = { Authorization: `Bearer ${known.token}` };
  const beganMs = performance.now();
  const waits: number[] = [];
  let isOver = false;
  const asking = (async (): Promise<void> => {
    while (!isOver) {
      const askedMs = performance.now();
      // Whoever is not answered has waited, too.
      await fetch(`${registry.url}/v1/health`)
        .then((response) => response.text())
        .catch(() => {});
      waits.push(performance.now() - askedMs);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  })();
  const left = await fetch(`${registry.url}/v1/operator/customers/${bigCustomer}/leave`, {
    method: 'POST',
    headers,
  });
  const text = await left.text();
  if (left.status !== 200) throw new Error(`leave: ${left.status} ${text}`);
  const calledMs = performance.now() - beganMs;
  const remaining = async (): Promise<number> => {
    const list = `${registry.url}/v1/operator/boxes?customer=${bigCustomer}&status=claimed&limit=1`;
    return ((await (await fetch(list, { headers })).json()) as unknown[]).length;
  };
  while ((await remaining()) > 0) await new Promise((resolve) => setTimeout(resolve, 200));
  const wholeMs = performance.now() - beganMs;
  isOver = true;
  await asking;
  return [
    {
      what: `a customer with ${known.big} boxes leaves`,
      goal: '(beside it)',
      value: `answered after ${short(calledMs)} ms, all ended after ${short(wholeMs / 1000)} s; meanwhile a health check p50 ${short(percentile(waits, 0.5))}, p99 ${short(percentile(waits, 0.99))} ms, longest ${short(Math.max(...waits))}`,
      met: null,
    },
  ];
}
