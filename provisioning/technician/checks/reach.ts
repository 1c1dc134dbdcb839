import { type Finding, fault, ok } from '../finding.ts';
import type { Reach, Tried } from '../world.ts';
import { shownTime } from './clock.ts';

/** What is to be said of a way that was tried: where it ends, by name and port. */
export function reachFindings(
  { host, port, reach, viaProxy }: Tried,
  { service, boxMs, proxy }: { service: 'registry' | 'broker'; boxMs: number; proxy?: string | undefined },
): Finding[] {
  const values = { host, port, box: shownTime(boxMs) };
  if (reach.at === 'open')
    return [ok(service === 'registry' ? 'registryAnswers' : 'brokerAnswers', { host, port })];
  if (viaProxy === true && (reach.at === 'name' || reach.at === 'port'))
    return [fault('onlyProxy', { host, port, proxy: proxy ?? '' })];
  return [faultOf(reach, values)];
}

function faultOf(reach: Exclude<Reach, { at: 'open' }>, values: Finding['with']): Finding {
  switch (reach.at) {
    case 'name':
      return fault(reach.why === 'unknown' ? 'nameUnknown' : 'dnsSilent', values);
    case 'port':
      return fault(
        ({ refused: 'portRefused', silent: 'portSilent', noRoute: 'noRoute' } as const)[reach.why],
        values,
      );
    case 'tls':
      return fault(tlsTexts[reach.why], { ...values, error: reach.text });
    case 'service':
      return fault(serviceTexts[reach.why], { ...values, status: reach.text, error: reach.text });
  }
}

const tlsTexts = {
  unknownCa: 'tlsUnknownCa',
  wrongName: 'tlsWrongName',
  notYetValid: 'tlsNotYetValid',
  expired: 'tlsExpired',
  refused: 'tlsRefused',
  failed: 'tlsFailed',
} as const;

const serviceTexts = { http: 'registryOther', denied: 'brokerDenied', notMqtt: 'brokerNotMqtt' } as const;
