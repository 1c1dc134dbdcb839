/** What an operator asks while all boxes are known. */
import { median, short } from '../numbers.ts';
import type { Row } from '../report.ts';
import { bigCustomer } from './fill.ts';
import type { Parts } from './steady.ts';

const times = 5;

/** A row for each call, the slowest last. */
export async function measureCalls({ registry, known }: Parts): Promise<Row[]> {
  const box = known.speaking[0]?.id ?? '';
  const middle = 'SW-8';
  const calls = [
    '/v1/health',
    '/metrics',
    '/v1/operator/authority',
    '/v1/operator/customers?limit=1000',
    `/v1/operator/boxes?limit=1000&after=${middle}`,
    `/v1/operator/boxes?limit=1000&status=claimed&after=${middle}`,
    '/v1/operator/boxes?limit=1000&status=stolen',
    `/v1/operator/boxes?limit=1000&customer=${bigCustomer}&after=${middle}`,
    `/v1/operator/boxes?limit=1000&customer=${bigCustomer}&status=lost`,
    `/v1/operator/boxes/${box}`,
    '/v1/operator/claims?limit=1000&after=CL-8',
    '/v1/operator/audit?limit=1000',
    '/v1/operator/audit?limit=1000&after=1000',
    `/v1/operator/audit?limit=1000&subject=${box}`,
    '/v1/operator/alarms?limit=1000',
    '/v1/operator/alarms?limit=1000&all=true',
    '/v1/operator/tokens',
  ];
  const rows: { call: string; firstMs: number; ms: number }[] = [];
  for (const call of calls) {
    const took: number[] = [];
    for (let n = 0; n < times; n += 1) took.push(await ask(registry.url, call, known.token));
    rows.push({ call, firstMs: took[0] ?? 0, ms: median(took) });
  }
  rows.sort((one, other) => one.ms - other.ms);
  return rows.map(({ call, firstMs, ms }) => ({
    what: `GET ${call}`,
    goal: '(beside it)',
    value: `${short(ms)} ms (the first time ${short(firstMs)})`,
    met: null,
  }));
}

async function ask(url: string, call: string, token: string): Promise<number> {
  const beganMs = performance.now();
  const response = await fetch(`${url}${call}`, { headers: { Authorization: `Bearer ${token}` } });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${call}: ${response.status} ${text}`);
  return performance.now() - beganMs;
}
