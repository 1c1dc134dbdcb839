import type { Defect } from '../defects.ts';

/** Deliberate defects of the box's side of the registry, and of what payments make of it. */
export const registryDefects: readonly Defect[] = [
  {
    name: 'a count is sent before it is on disk',
    file: 'gateway/cloud/registration/registrar.ts',
    find: 'if (!memory.keep({ ...kept(), count: kept().count + 1 }))',
    replace: 'kept().count += 1; if (around === null)',
  },
  {
    name: "an answer to another question is believed: the nonce's check is gone",
    file: 'gateway/cloud/registration/answer.ts',
    find: "if (answer.nonce !== nonce) return 'to another question';",
    replace: '',
  },
  {
    name: 'an answer to another box is believed',
    file: 'gateway/cloud/registration/answer.ts',
    find: "if (answer.box !== box) return 'for another box';",
    replace: '',
  },
  {
    name: 'an old revision is believed',
    file: 'gateway/cloud/registration/answer.ts',
    find: 'if (heard !== null && answer.revision <= heard.revision && !isSame)',
    replace: 'if (heard !== null && answer.revision < 0 && !isSame)',
  },
  {
    name: 'an answer of a key that is not believed counts',
    file: 'gateway/cloud/registration/trust.ts',
    find: "if (form.alg !== 'EdDSA' || key === undefined || !isSignedBy(key, form)) throw notSigned();",
    replace: 'if (key !== undefined && !isSignedBy(key, form)) throw notSigned();',
  },
  {
    name: "an answer's signature is not looked at",
    file: 'gateway/cloud/registration/trust.ts',
    find: 'return verify(null, Buffer.from(form.signingInput), key, form.signature);',
    replace: 'return key.type === verify.name || true;',
  },
  {
    name: "the registry's new key is not taken from its answer",
    file: 'gateway/cloud/registration/kept.ts',
    find: 'trusted: answer.registryKeys.map(({ kid, x }): RegistryKey => ({ kid, x })),',
    replace: 'trusted: kept.trusted,',
  },
  {
    name: 'a key that was taken back may still ask',
    file: 'gateway/cloud/registration/issued-keys.ts',
    find: 'present: (kid) => named(kept().commandKeys, kid),',
    replace:
      'present: (kid) => named([...kept().commandKeys, ...kept().retired.map(({ key }) => key)], kid),',
  },
  {
    name: 'a key that was taken back while its payment runs is forgotten',
    file: 'gateway/cloud/registration/kept.ts',
    find: 'const now = kept.commandKeys.filter((key) => !isPresent(key)).map((key) => ({ key, atMs }));',
    replace: 'const now: typeof before = [];',
  },
  {
    name: 'a key that was taken back signs no result',
    file: 'gateway/cloud/registration/issued-keys.ts',
    find: 'const { commandKeys, retired } = kept();',
    replace: "const { commandKeys } = kept(), retired: Kept['retired'] = [];",
  },
  {
    name: 'the 35 days are 70',
    file: 'gateway/cloud/registration/standing.ts',
    find: 'export const goOnMs = 35 * dayMs;',
    replace: 'export const goOnMs = 70 * dayMs;',
    near: 69,
  },
  {
    name: 'a restart begins the 35 days anew',
    file: 'gateway/cloud/registration/memory.ts',
    find: 'return found;',
    replace: 'if (found?.heard) found.heard.atMs += 1_000_000_000; return found;',
    near: 69,
  },
  {
    name: 'a forged countBehind moves the count without bound',
    file: 'gateway/cloud/registration/asking.ts',
    find: 'count: Math.min(count, ownCount + countLeapMax)',
    replace: 'count',
  },
  {
    name: 'an answer is not written down',
    file: 'gateway/cloud/registration/registrar.ts',
    find: 'memory.keep(learned(kept(), answer, Math.round(trustedMs() ?? saidMs)));',
    replace: 'Object.assign(kept(), learned(kept(), answer, Math.round(trustedMs() ?? saidMs)));',
  },
  {
    name: 'while it is suspended a box refuses reversals, too',
    file: 'gateway/payments/gate.ts',
    find: "(registration === 'suspended' || registration === 'unregistered') && isNewMoney(command.type))",
    replace:
      "(registration === 'suspended' || registration === 'unregistered') && command.type !== 'receipt')",
  },
  {
    name: 'a suspended box takes payments',
    file: 'gateway/payments/gate.ts',
    find: "if ((registration === 'suspended' ||",
    replace: "if ((registration === 'active' && state.supports.length < 0 ||",
  },
  {
    name: 'a registry that refuses is given up',
    file: 'gateway/cloud/registration/pace.ts',
    find: '    ? hourMs\n    : Math.min(longestMs',
    replace: '    ? 1e12\n    : Math.min(longestMs',
  },
  {
    name: 'a Retry-After is obeyed whatever it says',
    file: 'gateway/cloud/registration/pace.ts',
    find: 'Math.min(tried.retryAfterMs ?? 0, retryAfterMaxMs) * (1 + fraction / 4)',
    replace: '(tried.retryAfterMs ?? 0) * (1 + fraction / 4)',
    near: 242,
  },
  {
    name: 'a call is not heard',
    file: 'gateway/cloud/registration/registrar.ts',
    find: 'calledFor = read.value;\n      ask(0);',
    replace: 'calledFor = read.value;',
  },
  {
    name: 'a registry that hangs is waited for',
    file: 'gateway/cloud/registration/asking.ts',
    find: 'export const patienceMs = 10_000;',
    replace: 'export const patienceMs = 1e12;',
  },
  {
    name: 'an earlier time is learned from the registry',
    file: 'gateway/system/clock-trust.ts',
    find: 'if (isBehind(nowMs))\n      return log.error',
    replace: 'if (nowMs < 0)\n      return log.error',
  },
  {
    name: 'the time is never learned from the registry',
    file: 'gateway/system/clock-trust.ts',
    find: 'if (known) return;\n    if (isBehind',
    replace: 'if (latestMs >= 0) return;\n    if (isBehind',
  },
  {
    name: 'a slow answer tells the time',
    file: 'gateway/system/clock-trust.ts',
    find: 'if (!(roundTripMs <= roundTripMaxMs)) return;',
    replace: 'if (roundTripMs < 0) return;',
    near: 192,
  },
];
