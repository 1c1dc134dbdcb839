/** What operators call about the CA, the registry's keys and the broker's own certificate. */
import * as v from 'valibot';
import { isoTime } from '../../../gateway/contract/time.ts';
import { Refusal } from '../refusal.ts';
import { issueBrokerCertificate } from '../services/broker-certificate.ts';
import { beginRotation, finishRotation } from '../services/rotations.ts';
import { behind, stragglers } from '../services/stragglers.ts';
import { json, jsonBody, nothing, pageOf, pageQuery, type Route, operatorRoot as root } from './route.ts';
import * as shapes from './shapes.ts';

/** All of them. */
export const authorityRoutes: readonly Route[] = [
  {
    method: 'get',
    path: `${root}/authority`,
    summary: 'Where the rotations of the CA and of the registry key stand.',
    scope: 'authority:write',
    answer: { [json]: shapes.authorityState },
    async handle({ core, operator }) {
      everybodys(operator);
      const { ca, previousCa, caNotAfterMs } = await core.authority.state();
      const keys = core.keys.trusted();
      const [key, byCa] = await Promise.all([behind(core, 'key'), behind(core, 'ca')]);
      const caUntil = isoTime(caNotAfterMs);
      return { json: { ca, previousCa, caUntil, keys, behind: { key, ca: byCa } } };
    },
  },
  {
    method: 'get',
    path: `${root}/authority/behind`,
    summary: 'Who has not moved to the newest CA, or with what=key to the newest key of the registry.',
    scope: 'authority:write',
    query: { ...pageQuery, what: 'ca or key; ca when absent' },
    answer: { [json]: v.array(shapes.straggler) },
    async handle(call) {
      everybodys(call.operator);
      const { what = 'ca' } = call.query;
      if (what !== 'ca' && what !== 'key') throw new Refusal('malformed', 'what: allowed: ca, key');
      return { json: await stragglers(call.core, what, pageOf(call)) };
    },
  },
  {
    method: 'post',
    path: `${root}/authority/rotate`,
    summary: 'Begins a rotation, or finishes it once everybody has moved.',
    scope: 'authority:write',
    body: { [json]: shapes.rotation },
    problems: ['conflict'],
    handle: nothing((call) => {
      const { what, step, force } = jsonBody(call, shapes.rotation);
      if (step === 'begin') return beginRotation(call.core, call.operator, what);
      return finishRotation(call.core, call.operator, what, force);
    }),
  },
  {
    method: 'post',
    path: `${root}/broker/certificates`,
    summary: "A certificate for the broker itself, where the registry's CA signs it.",
    scope: 'broker:write',
    body: { [json]: shapes.newBrokerCertificate },
    answer: { [json]: shapes.brokerCertificate },
    async handle(call) {
      const made = await issueBrokerCertificate(
        call.core,
        call.operator,
        jsonBody(call, shapes.newBrokerCertificate),
      );
      const { certificate, serial, notAfterMs } = made;
      return { json: { certificate, serial, notAfter: isoTime(notAfterMs), behind: made.behind } };
    },
  },
];

/** Names of all customers' boxes and sale systems are not for a token that sees one of them. */
function everybodys({ customer }: { customer: string | null }): void {
  if (customer !== null) throw new Refusal('forbidden', 'this token is bound to one customer');
}
