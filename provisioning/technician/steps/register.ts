import { isSwipeError } from '../../../gateway/seams/error.ts';
import { readCode } from '../../registry/identity/codes.ts';
import { shownTime } from '../checks/clock.ts';
import { type Finding, fault, ok, StepFailure } from '../finding.ts';
import { needed, type Step, type StepContext } from '../step.ts';
import type { TextKey } from '../texts/texts.ts';
import type { Registered } from '../world.ts';
import { whileQuiet } from './quiet.ts';

/** How often a person may type another claim code; the registry makes a pause after five. */
const triesMax = 3;

const reasons: Readonly<Record<string, TextKey>> = {
  claimNeeded: 'claimNeeded',
  claimUnknown: 'claimUnknown',
  claimExpired: 'claimExpired',
  claimUsed: 'claimUsed',
  claimLocked: 'claimLocked',
  retired: 'boxRetired',
};

/** Where the registry is; null: there is to be none. A person is asked once. */
export async function registryWanted({ answers, person, world }: StepContext) {
  if (answers.registry !== undefined || answers.broker !== null || person === null)
    return answers.registry ?? null;
  const before = presentRegistry(world);
  const url = await person.text('askRegistryUrl', {
    initial: before.url,
    check: (typed) => (/^https:\/\/[^/:?#\s@]+(:\d{1,5})?(\/\S*)?$/.test(typed) ? null : 'badUrl'),
  });
  const key = await person.text('askRegistryKey', {
    initial: before.key,
    check: (typed) => (/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.test(typed) ? null : 'badKey'),
  });
  answers.registry = { url, key };
  return answers.registry;
}

/** That of the config, from an earlier time. */
function presentRegistry({ files }: StepContext['world']): { url?: string; key?: string } {
  try {
    const { registry } = JSON.parse(files.read('config') ?? '{}') as {
      registry?: { url?: string; key?: string };
    };
    return registry ?? {};
  } catch {
    return {};
  }
}

/** Makes the box known to the registry, in the gateway's own state directory. */
export const register: Step = {
  name: 'register',
  title: 'stepRegister',
  kind: 'change',
  plan: 'planRegister',
  isDone(context) {
    const { answers, progress, world } = context;
    if ((answers.registry ?? null) === null) return progress.steps.register !== undefined;
    return isRegistered(context, registered(world.enrolment.registered));
  },
  async do(context) {
    const { world, answers } = context;
    const box = boxOf(context);
    const registry = await registryWanted(context);
    if (registry === null) {
      needed(answers.broker, 'registry');
      return [ok('unbilled', { box })];
    }
    const state = await whileQuiet(context, () => enrolled(context));
    const known = world.enrolment.registered();
    if (answers.broker === null && known?.broker == null) throw new StepFailure(fault('noBroker'));
    return [ok('registered', { box, state })];
  },
};

function boxOf({ world }: StepContext): string {
  try {
    return world.enrolment.box();
  } catch (error) {
    if (isSwipeError(error, 'keyInvalid'))
      throw new StepFailure(fault('keyUnusable', { error: error.message }));
    throw error;
  }
}

const registered = (read: () => Registered | null): Registered | null => {
  try {
    return read();
  } catch {
    return null;
  }
};

const isRegistered = ({ answers }: StepContext, known: Registered | null): boolean =>
  known !== null &&
  known.state !== 'unregistered' &&
  known.keys.includes(answers.registry?.key ?? '') &&
  (answers.broker !== null || known.broker !== null);

async function enrolled(context: StepContext): Promise<string> {
  const { world, answers, progress, person } = context;
  const { words } = needed(progress.terminal, 'terminal');
  const registry = needed(answers.registry, 'registry');
  for (let tries = 1; ; tries += 1) {
    const claim = answers.claim ?? (await askedClaim(context));
    // Known from now on as what must not get into a log.
    if (claim !== undefined) answers.claim = claim;
    const answer = await world.enrolment.enrol({
      registry,
      claim,
      terminal: words,
      ownBroker: answers.broker !== null,
    });
    const failure = failureOf(answer);
    if (failure === null) return answer.kind === 'answered' ? answer.state : '';
    if (person === null || failure.text !== 'claimUnknown' || tries === triesMax)
      throw new StepFailure(failure);
    context.tell('claimUnknown');
    delete answers.claim;
  }
}

const askedClaim = async ({ person }: StepContext): Promise<string | undefined> =>
  person?.text('askClaim', {
    check: (typed) => (readCode(typed) === null ? 'badClaim' : null),
  });

function failureOf(answer: Awaited<ReturnType<StepContext['world']['enrolment']['enrol']>>): Finding | null {
  if (answer.kind === 'unanswered') {
    const isDisbelieved = /not believed/.test(answer.why);
    return fault(isDisbelieved ? 'registryStrange' : 'registrySilent', { error: answer.why });
  }
  if (answer.state !== 'unregistered') return null;
  return fault(reasons[answer.reason ?? ''] ?? 'claimNeeded');
}

/** The code for the sale system goes to the screen alone: it is worth something for two hours. */
export function tellPairing({ tell }: Pick<StepContext, 'tell'>, known: Registered | null): void {
  if (known === null) return;
  if (known.pairing === null) return tell('pairingNone');
  const { code, expiresAtMs } = known.pairing;
  tell('pairingCode', { code, expiresAt: shownTime(expiresAtMs) });
}
