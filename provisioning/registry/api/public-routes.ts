/** What boxes, sale systems and health checks call. */
import * as v from 'valibot';
import {
  furtherPairingSchema,
  keyRotationAnswerSchema,
  keyRotationSchema,
  pairingAnswerSchema,
  pairingRequestSchema,
  pairingsAnswerSchema,
  pairingsQuerySchema,
  registrationAnswerSchema,
  registrationSchema,
} from '../../../gateway/contract/registration.ts';
import { isoTime } from '../../../gateway/contract/time.ts';
import { version } from '../../../gateway/version.ts';
import { Refusal } from '../refusal.ts';
import { pair } from '../services/pairing.ts';
import { pairFurther, pairingsOf, rotateKey } from '../services/sale-systems.ts';
import { jose, json, jsonBody, type Route } from './route.ts';
import { health } from './shapes.ts';

const pemType = 'application/x-pem-file';

/** Calls without a token: who calls is known by a signature, or by a code. */
export const publicRoutes: readonly Route[] = [
  {
    method: 'post',
    path: '/v1/registrations',
    summary: 'A box registers. Request and answer are JWS; the schemas are those of the payloads.',
    body: { [jose]: registrationSchema },
    answer: { [jose]: registrationAnswerSchema },
    problems: ['signatureInvalid', 'countBehind', 'keyMismatch', 'hardwareChanged', 'restored'],
    handle: async ({ registrar, body, address }) => ({
      text: await registrar.register(body, address),
      type: jose,
    }),
  },
  {
    method: 'post',
    path: '/v1/pairings',
    summary:
      'A sale system gets at a box by a code: as JSON when it is new here, as a JWS by one of its command keys when not.',
    body: { [json]: pairingRequestSchema, [jose]: furtherPairingSchema },
    answer: { [json]: pairingAnswerSchema },
    problems: ['signatureInvalid', 'codeUnknown', 'codeExpired', 'codeUsed', 'conflict', 'restored'],
    async handle(call) {
      live(call);
      const { core, body, address } = call;
      if (call.contentType === jose) return { json: await pairFurther(core, body, address) };
      const request = jsonBody(call, pairingRequestSchema);
      return { json: await pair(core, { known: null, request }, address) };
    },
  },
  {
    method: 'post',
    path: '/v1/pairings/query',
    summary:
      'The boxes of a sale system; with a csr, a new certificate for it. A JWS by one of its command keys.',
    body: { [jose]: pairingsQuerySchema },
    answer: { [json]: pairingsAnswerSchema },
    problems: ['signatureInvalid', 'conflict', 'restored'],
    async handle(call) {
      live(call);
      return { json: await pairingsOf(call.core, call.body) };
    },
  },
  {
    method: 'post',
    path: '/v1/keys',
    summary: 'A new command key for the box of the key that signs this JWS; that one goes on for a day.',
    body: { [jose]: keyRotationSchema },
    answer: { [json]: keyRotationAnswerSchema },
    problems: ['signatureInvalid', 'conflict', 'restored'],
    async handle(call) {
      live(call);
      return { json: await rotateKey(call.core, call.body) };
    },
  },
  {
    method: 'get',
    path: '/v1/ca',
    summary: 'The CAs that are trusted now, newest first.',
    answer: { [pemType]: v.string() },
    handle: async ({ core }) => ({ text: (await core.authority.trustedCas()).join('\n'), type: pemType }),
  },
  {
    method: 'get',
    path: '/v1/crl',
    summary: 'The certificates that are no longer accepted.',
    answer: { [pemType]: v.string() },
    problems: ['notFound'],
    async handle({ core }) {
      const { crl } = await core.store.reader.selectFrom('meta').select('crl').executeTakeFirstOrThrow();
      if (crl === null) throw new Refusal('notFound', 'no list was made yet');
      return { text: crl, type: pemType };
    },
  },
  {
    method: 'get',
    path: '/v1/health',
    summary: 'Whether this instance can answer: it asks the database.',
    answer: { [json]: health },
    async handle({ core }) {
      const { mode } = await core.store.reader.selectFrom('meta').select('mode').executeTakeFirstOrThrow();
      return { json: { ok: mode === 'normal', version, mode, time: isoTime(core.clock.nowMs()) } };
    },
  },
];

/** After a restore keys that were ended may live again: none is taken for anything. */
function live({ core }: { core: { isRestored(): boolean } }): void {
  if (core.isRestored()) throw new Refusal('restored', undefined, { retryAfterMs: 3_600_000 });
}
