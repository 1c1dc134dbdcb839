import { isoTime } from '../../../gateway/contract/time.ts';
import { messageOf } from '../../../gateway/seams/error.ts';
import type { Metrics } from '../api/metrics.ts';
import type { TlsNews } from '../api/tls-pair.ts';
import type { Core } from '../services/core.ts';
import { raiseAlarm } from '../store/audit.ts';

/** Tells of the certificate of the HTTPS address: in the log, in the metrics, and as an alarm when it is not as it should be. */
export function tlsNews(
  { store, clock, log }: Pick<Core, 'store' | 'clock' | 'log'>,
  metrics: Pick<Metrics, 'tlsEnds'>,
): TlsNews {
  return {
    taken({ notAfterMs }) {
      metrics.tlsEnds(notAfterMs);
      log.info('the certificate of this address', { reason: `until ${isoTime(notAfterMs)}` });
    },
    fault(detail) {
      log.error('the certificate of this address needs a look', { error: detail });
      const alarm = { kind: 'tlsCertificate', subject: 'listen.tls', customer: null, detail };
      store
        .write((tx) => raiseAlarm(tx, clock.nowMs(), alarm))
        .catch((error: unknown) => log.error('an alarm could not be kept', { error: messageOf(error) }));
    },
  };
}
