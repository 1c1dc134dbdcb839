/** Suspended, paid, working again: a box, the registry, Mosquitto and the command that books the money, all of it real. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MqttClient } from 'mqtt';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readRegistryConfig } from '../gateway/cli/registry/config-file.ts';
import { parseConfig } from '../gateway/contract/config.ts';
import type { PairingAnswer } from '../gateway/contract/registration.ts';
import type { Result } from '../gateway/contract/result.ts';
import { isoTime } from '../gateway/contract/time.ts';
import { topicsOf } from '../gateway/contract/topics.ts';
import { startGateway } from '../gateway/main.ts';
import { silentLog } from '../gateway/seams/log.ts';
import { type HmacKey, readResult, signCommand } from '../gateway/simulators/sale-system.ts';
import { serveTcp } from '../gateway/simulators/terminal/tcp.ts';
import { createSimulatedTerminal } from '../gateway/simulators/terminal/terminal.ts';
import { systemRandom } from '../gateway/system/random.ts';
import { systemTime } from '../gateway/system/time.ts';
import { billingDay } from '../provisioning/registry/billing/daily/day.ts';
import { addMonths } from '../provisioning/registry/billing/rules/dates.ts';
import { billMonth } from '../provisioning/registry/billing/run/month.ts';
import { type RunningRegistry, startRegistry } from '../provisioning/registry/main.ts';
import { addCustomer, newClaim } from '../provisioning/registry/services/customers.ts';
import { newPairingCode } from '../provisioning/registry/services/pairing.ts';
import { BillingBench } from './registry/billing-bench.ts';
import { BillingPlace, lastMonth, monthBefore, today } from './registry/billing-place.ts';
import { root } from './registry/world.ts';
import { newRequest } from './support/certificates.ts';
import { swipe } from './support/child.ts';
import { withCleanup } from './support/mqtt.ts';
import { needing } from './support/needs.ts';
import { type SwipeBroker, startSwipeBroker } from './support/swipe-broker.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('billing: a suspended box');
const tempDir = tempDirs(test);

type Later = (end: () => unknown) => void;

/** Waits for something that announces itself to nobody here. */
async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries += 1) {
    if (tries === 1500) throw new Error(`still not so: ${what}`);
    await new Promise<void>((resolve) => void systemTime.after(20, resolve));
  }
}

/** The seller's own key in the box's config, which may do everything but `resolve`. */
const own: HmacKey = {
  kid: 'own',
  secret: Buffer.from('the shop, the whole shop, all 32').toString('base64url'),
};

/** A registry that bills, and whose operator has to look at the months that are over before any of them is billed. */
async function startCloud(place: BillingPlace, later: Later): Promise<RunningRegistry> {
  // That of the authority which has signed the broker's certificate.
  writeFileSync(`${place.directory}/master.key`, '07'.repeat(32), { mode: 0o600 });
  const registry = await startRegistry(readRegistryConfig(place.config), { log: silentLog });
  later(() => registry.stop());
  return registry;
}

/** A box that knows its registry, with a simulated terminal. */
async function startBox(directory: string, registry: RunningRegistry, claim: string, later: Later) {
  const terminal = createSimulatedTerminal({
    time: systemTime,
    random: systemRandom,
    log: silentLog,
    script: { options: { stepMs: 10 } },
  });
  later(() => terminal.stop());
  const served = await serveTcp(terminal, { host: '127.0.0.1', port: 0 });
  later(() => served.close());
  const parsed = parseConfig({
    stateDir: join(directory, 'state'),
    registry: { url: registry.url, key: registry.key, claim },
    terminal: {
      protocol: 'privat-json',
      link: served.link,
      merchants: { shop: '1' },
      defaultMerchant: 'shop',
    },
    commandKeys: [{ ...own, alg: 'HS256' }],
  });
  if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
  const running = await startGateway(parsed.config, { log: silentLog, sessionPauseMs: 20 });
  later(() => running.stop());
  await until('connected and ready', () => {
    const { terminal: seen } = running.gateway.status();
    return running.gateway.isConnected() && seen.state === 'ready';
  });
  return running;
}

/** A sale system that is paired with the box, and what it hears. */
async function pairedSale(registry: RunningRegistry, broker: SwipeBroker, box: string) {
  const { code } = await newPairingCode(registry.core, root, box);
  const { csr, key } = await newRequest();
  const response = await fetch(`${registry.url}/v1/pairings`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ code, name: '1C', csr }),
  });
  const answer = (await response.json()) as PairingAnswer;
  const client: MqttClient = await broker.enter({ cert: answer.certificate ?? '', key });
  const topics = topicsOf(box);
  const results: Result[] = [];
  client.on('message', (_topic, payload) => {
    const result = readResult(payload.toString(), own);
    if (result !== null) results.push(result);
  });
  await until('the sale system may read results', async () => {
    const [granted] = await client.subscribeAsync(topics.results, { qos: 1 }).catch(() => []);
    return granted?.qos === 1;
  });
  let made = 0;
  /** Asks the box for something; the result. */
  return async (type: string, members: object = {}): Promise<Result> => {
    made += 1;
    const nowMs = systemTime.nowMs();
    const id = `operation-${nowMs}-${made}`;
    const times = { issuedAt: isoTime(nowMs), expiresAt: isoTime(nowMs + 60_000) };
    await client.publishAsync(topics.commands, signCommand({ id, box, type, ...times, ...members }, own), {
      qos: 1,
    });
    await until(`a result of ${type}`, () => results.some((result) => result.id === id));
    return results.find((result) => result.id === id) as Result;
  };
}

const said = ({ outcome, reason }: Result): string =>
  outcome === 'refused' ? `refused ${reason.source} ${reason.code}` : outcome;

needing(test, 'mosquitto')('late, suspended, still giving money back, paid, working again', () =>
  withCleanup(async (later) => {
    const directory = tempDir();
    const broker = await startSwipeBroker(directory, later);
    const place = new BillingPlace(directory, {
      // More than three months are not billed unasked.
      firstMonth: addMonths(lastMonth, -5),
      dueDays: 0,
      graceDays: 1,
    });
    place.write({
      ...(JSON.parse(readFileSync(place.config, 'utf8')) as object),
      broker: {
        url: broker.url,
        control: { url: broker.url },
        crlFile: broker.crlFile,
        caFile: broker.caFile,
        pidFile: broker.pidFile,
      },
    });
    const registry = await startCloud(place, later);
    const { core, billing } = registry;
    assert.ok(billing);
    const { customer } = await addCustomer(core, root, 'Shop');
    const { code: claim } = await newClaim(core, root, { customer });
    const { box, gateway } = await startBox(directory, registry, claim, later);
    const ask = await pairedSale(registry, broker, box);
    const standing = (): string => gateway.status().registration.state;
    assert.is(standing(), 'active');
    const payment = { amount: 10_050, currency: 'UAH' };
    const [first, second] = [await ask('payment', payment), await ask('payment', payment)];
    assert.equal([said(first), said(second)], ['approved', 'approved']);

    // The customer had a box two months ago, was billed on the first of last month, and has not paid.
    const bench = new BillingBench(core.store);
    await bench.plan({ fromMonth: '2020-01' });
    const atMs = Date.parse(`${lastMonth}-01T12:00:00Z`);
    const fromMs = Date.parse(`${monthBefore}-03T12:00:00Z`);
    await bench.tenures([{ billedAs: 'SW-OLD', customer, fromMs, untilMs: fromMs + 5 * 86_400_000 }]);
    const earlier = { ...core, clock: { ...core.clock, nowMs: () => atMs } };
    assert.is((await billMonth(earlier, billing, monthBefore)).issued, 1);

    const lateMs = systemTime.monotonicMs();
    await billingDay(core, billing);
    await until('the box knows that it is suspended', () => standing() === 'suspended');
    const suspendedMs = systemTime.monotonicMs() - lateMs;

    assert.is(said(await ask('payment', payment)), 'refused box suspended');
    assert.is(said(await ask('preauthorization', payment)), 'refused box suspended');
    assert.is(said(await ask('cashback', { ...payment, cash: 1000 })), 'refused box suspended');
    const { rrn, id, invoice } = first;
    assert.is(said(await ask('refund', { amount: 1234, currency: 'UAH', rrn: second.rrn })), 'approved');
    assert.is(said(await ask('reversal', { operation: id })), 'approved');
    assert.is((await ask('receipt', { invoice })).rrn ?? rrn, rrn);
    assert.is(said(await ask('receipt')), 'done');
    assert.is(said(await ask('totals', { merchant: 'shop' })), 'done');
    assert.is(said(await ask('balance', { merchant: 'shop' })), 'done');
    assert.is(said(await ask('reconciliation', { merchant: 'shop' })), 'done');
    const status = await ask('status', { target: id });
    assert.is(said(status), 'done');
    const abort = await ask('abort', { target: `never-${id}` });
    assert.is(said(abort), 'done');
    assert.is(standing(), 'suspended');

    const { documents } = await place.json<{ documents: { number: string; total: number }[] }>(
      'invoices',
      '--open',
    );
    const owed = documents[0];
    assert.ok(owed);
    const amount = `${Math.floor(owed.total / 100)}.${String(owed.total % 100).padStart(2, '0')}`;
    const startedMs = systemTime.monotonicMs();
    const pay = swipe(
      ['registry', 'pay', '--invoice', owed.number, '--amount', amount, '--currency', 'UAH'].concat([
        '--day',
        today,
        '--reference',
        '0201-A',
        '--config',
        place.config,
      ]),
    );
    let bookedMs = 0;
    pay.out.follow(() => {
      bookedMs ||= systemTime.monotonicMs();
    });
    await until('the box works again', () => standing() === 'active');
    const activeMs = systemTime.monotonicMs();
    assert.is((await pay.exit).code, 0, pay.said().toString());
    assert.match(pay.said().toString(), `${customer} is active`);
    assert.is(said(await ask('payment', payment)), 'approved');
    const seconds = (ms: number): string => (ms / 1000).toFixed(1);
    process.stdout.write(
      `suspended on the box after ${seconds(suspendedMs)} s; active again ${seconds(activeMs - startedMs)} s after the command was typed, ${seconds(activeMs - bookedMs)} s after it said so\n`,
    );
  }),
);

test.run();
