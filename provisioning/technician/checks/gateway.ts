/** What is to be said of a running gateway, by what its control socket tells. Pure. */
import type { BoxStatus } from '../../../gateway/contract/event.ts';
import { parseIsoTime } from '../../../gateway/contract/time.ts';
import { type Finding, fault, note, ok, warning } from '../finding.ts';
import type { Pinned } from '../steps/pin.ts';
import type { GatewayHealth, GatewayStatus } from '../world.ts';
import { shownTime } from './clock.ts';
import { shownTerminal } from './devices.ts';
import { megabytes } from './machine.ts';

const dayMs = 86_400_000;
/** A certificate lives 90 days and is renewed when 60 are left. */
const certificateWarnMs = 21 * dayMs;
/** 400 days of 1000 payments a day. */
const journalLargeBytes = 1024 * 1024 * 1024;
/** Results that wait while the broker is connected: they should be gone within seconds. */
const waitingMany = 20;
/** As much earlier as a time server may set the clock back by. */
const toleranceMs = 5_000;

/** The terminal, beside the one that was handed over. */
export function terminalFindings({ terminal }: BoxStatus, pinned: Pinned | null, link: string): Finding[] {
  const shown = shownTerminal(terminal);
  if (terminal.state === 'absent') return [fault('terminalAbsent', { link })];
  const state = terminal.state === 'busy' ? note('terminalAtWork') : ok('terminalReady', { terminal: shown });
  if (pinned === null || pinned.id === null || pinned.id === terminal.id) return [state];
  return [state, fault('terminalChanged', { found: shown, expected: shownTerminal(pinned) })];
}

/** The panel. */
export function panelFindings({ panel }: BoxStatus, link: string): Finding[] {
  switch (panel) {
    case 'none':
      return [note('panelNone')];
    case 'ready':
      return [ok('panelReady')];
    case 'absent':
      return [warning('panelAbsent', { link })];
    case 'outdated':
      return [warning('panelOutdated')];
    case 'foreign':
      return [warning('panelForeign', { link })];
  }
}

/** How the box stands with the registry; nothing where there is none. */
export function registrationFindings({ status, registry }: GatewayStatus): Finding[] {
  if (registry === null) return [];
  const { state, until } = status.registration;
  const findings: Finding[] = [];
  const heardAt = registry.heardAt === null ? '?' : shownTime(parseIsoTime(registry.heardAt));
  if (state === 'active') findings.push(ok('registryFine', { state, heardAt }));
  if (state === 'trial') findings.push(ok('registrationTrial', { until: until ?? '?' }));
  if (state === 'pastDue') findings.push(warning('registrationPastDue'));
  if (state === 'suspended') findings.push(fault('registrationSuspended'));
  if (state === 'unregistered') findings.push(fault('registrationNone'));
  if (registry.endsAt !== null)
    findings.push(warning('registryEnding', { endsAt: shownTime(parseIsoTime(registry.endsAt)) }));
  else if (registry.failure !== null) findings.push(warning('registryFailing', { error: registry.failure }));
  return findings;
}

/** The clock: known, not known, or behind a time that was once trusted. */
export function boxClockFindings({ clock }: GatewayHealth): Finding[] {
  const nowMs = parseIsoTime(clock.now);
  const latestMs = clock.latestTrusted === null ? 0 : parseIsoTime(clock.latestTrusted);
  if (clock.trusted) return [ok('clockTrusted')];
  if (latestMs - nowMs > toleranceMs)
    return [
      fault('clockAhead', {
        box: shownTime(nowMs),
        latest: shownTime(latestMs),
        aheadMs: latestMs - nowMs,
      }),
    ];
  return [fault('clockUnknown')];
}

/** Card, records, results that wait. */
export function storageFindings({ storage, outbox }: GatewayHealth, connected: boolean): Finding[] {
  const values = { free: megabytes(storage.freeBytes), reserve: megabytes(storage.reserveBytes) };
  const findings: Finding[] = [];
  if (storage.freeBytes < storage.reserveBytes) findings.push(fault('storageFull', values));
  else if (storage.freeBytes < 8 * storage.reserveBytes) findings.push(warning('storageEnding', values));
  else findings.push(ok('diskFree', values));
  const size = { megabytes: Math.ceil(storage.journalBytes / 1024 / 1024) };
  findings.push(
    storage.journalBytes > journalLargeBytes ? warning('journalLarge', size) : ok('journalSize', size),
  );
  const count = `${outbox.waiting}${outbox.isMore ? '+' : ''}`;
  if (outbox.waiting === 0) findings.push(ok('outboxEmpty'));
  else if (connected && outbox.waiting < waitingMany) findings.push(note('outboxWaiting', { count }));
  else findings.push(warning('outboxWaiting', { count }));
  return findings;
}

/** The certificate for the broker; nothing where the box has none. */
export function certificateFindings({ certificateEndsAt }: GatewayHealth, nowMs: number): Finding[] {
  if (certificateEndsAt === null) return [];
  const endsAtMs = parseIsoTime(certificateEndsAt);
  const values = { endsAt: shownTime(endsAtMs) };
  if (endsAtMs <= nowMs) return [fault('certificateOver', values)];
  return [
    endsAtMs - nowMs < certificateWarnMs
      ? warning('certificateEnding', values)
      : ok('certificateFine', values),
  ];
}

/** What stands open, and what was thrown away. */
export function operationFindings({ status, counters }: GatewayStatus): Finding[] {
  const findings: Finding[] = [];
  const { unresolved } = status;
  if (unresolved.length > 0)
    findings.push(fault('unresolved', { count: unresolved.length, ids: unresolved.slice(0, 5).join(', ') }));
  const dropped = Object.entries(counters.dropped).filter(([, count]) => count > 0);
  if (dropped.length > 0)
    findings.push(
      warning('dropped', {
        count: dropped.reduce((sum, [, count]) => sum + count, 0),
        reasons: dropped.map(([why]) => why).join(', '),
      }),
    );
  return findings;
}
