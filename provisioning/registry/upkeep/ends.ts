/** What ends by itself, and must have been renewed by then: alarms long enough before. */
import { messageOf } from '../../../gateway/seams/error.ts';
import { dayMs } from '../identity/times.ts';
import type { Core } from '../services/core.ts';
import { type Alarm, raiseAlarm } from '../store/audit.ts';

const brokerAlarmMs = 30 * dayMs;
// A rotation takes a quarter of a year when nobody is to be left behind: as long as certificates live.
const caAlarmMs = 365 * dayMs;

/** Looks at the broker's own certificate, as boxes see it, and at the CA. */
export async function checkEnds(
  core: Pick<Core, 'store' | 'authority' | 'broker' | 'clock' | 'log'>,
): Promise<void> {
  const nowMs = core.clock.nowMs();
  const alarms = [...(await brokerAlarms(core, nowMs)), ...(await caAlarms(core, nowMs))];
  if (alarms.length === 0) return;
  await core.store.write(async (tx) => {
    for (const alarm of alarms) await raiseAlarm(tx, nowMs, { customer: null, ...alarm });
  });
}

type Found = Omit<Alarm, 'customer'>;

async function brokerAlarms({ broker, log }: Pick<Core, 'broker' | 'log'>, nowMs: number): Promise<Found[]> {
  try {
    const shown = await broker?.certificate('now');
    if (shown === null || shown === undefined) return [];
    const { fault, notAfterMs } = shown;
    if (fault !== null)
      return [
        {
          kind: 'brokerCertificate',
          subject: 'broker',
          detail: `boxes do not take the certificate that the broker shows: ${fault}`,
        },
      ];
    if (notAfterMs - nowMs > brokerAlarmMs) return [];
    return [
      {
        kind: 'brokerCertificate',
        subject: 'broker',
        detail: `the certificate that the broker shows ends in ${daysTo(notAfterMs, nowMs)} days`,
      },
    ];
  } catch (error) {
    // Where boxes reach it, the registry need not.
    log.warn("the broker's own certificate could not be looked at", { error: messageOf(error) });
    return [];
  }
}

async function caAlarms({ authority }: Pick<Core, 'authority'>, nowMs: number): Promise<Found[]> {
  const { caNotAfterMs } = await authority.state();
  if (caNotAfterMs - nowMs > caAlarmMs) return [];
  return [
    { kind: 'caEnds', subject: 'ca', detail: `it ends in ${daysTo(caNotAfterMs, nowMs)} days: rotate it` },
  ];
}

const daysTo = (endMs: number, nowMs: number): number => Math.floor((endMs - nowMs) / dayMs);
