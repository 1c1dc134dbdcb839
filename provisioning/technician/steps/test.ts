import { boxClockFindings, terminalFindings } from '../checks/gateway.ts';
import { reachFindings } from '../checks/reach.ts';
import { demandFaultless, type Finding, fault, note, ok } from '../finding.ts';
import { configMark } from '../marks.ts';
import type { Step, StepContext } from '../step.ts';
import { say } from '../texts/texts.ts';
import { waitFor } from '../wait.ts';
import { readPin } from './pin.ts';

/** The terminal's greeting takes some seconds, a broker's first try at a bad moment half a minute. */
const readyWithinMs = 60_000;
const panelWithinMs = 20_000;
/** The lamp test's four colours. */
const lampsMs = 3_000;

/** The final test, through the gateway as it runs: terminal, broker, light, buttons. */
export const test: Step = {
  name: 'test',
  title: 'stepTest',
  kind: 'change',
  plan: 'planTest',
  isDone: (context) => context.progress.testedWith === markOf(context),
  async do(context) {
    const findings = [
      ...(await terminalTest(context)),
      ...(await brokerTest(context)),
      ...(await clockTest(context)),
      ...(await panelTest(context)),
    ];
    demandFaultless(findings);
    context.progress.testedWith = markOf(context);
    return findings;
  },
};

const markOf = ({ world, progress }: StepContext): string =>
  [configMark(world.files), world.version, progress.terminal?.words.id ?? ''].join(' ');

async function terminalTest({ world, progress }: StepContext): Promise<Finding[]> {
  const { gateway, time, files } = world;
  const seen = await waitFor(
    time,
    readyWithinMs,
    gateway.status,
    (now) => now?.status.terminal.state === 'ready',
  );
  if (seen === null) return [fault('gatewaySilent')];
  return terminalFindings(seen.status, readPin(files.read('pin')), progress.terminal?.link ?? '');
}

async function brokerTest({ world, answers }: StepContext): Promise<Finding[]> {
  const { gateway, time, network, enrolment } = world;
  const seen = await waitFor(time, readyWithinMs, gateway.status, (now) => now?.connected === true);
  const broker = (await gateway.health())?.broker ?? '';
  if (seen?.connected === true) {
    const tried = await gateway.tryBroker();
    return 'ms' in tried
      ? [ok('brokerConnected', { broker }), ok('brokerRound', { ms: tried.ms })]
      : [fault('brokerMute', { broker, error: tried.error })];
  }
  const lost = fault('brokerLost', { broker });
  const way = answers.broker ?? enrolment.registered()?.broker ?? null;
  if (way === null) return [lost];
  const { proxy } = answers;
  const tried = await network.tryBroker(way, proxy);
  return [lost, ...reachFindings(tried, { service: 'broker', boxMs: time.nowMs(), proxy })];
}

/** No payment starts before; the time comes from a time server or with the registry's answer. */
async function clockTest({ world: { gateway, time } }: StepContext): Promise<Finding[]> {
  const seen = await waitFor(time, readyWithinMs, gateway.health, (now) => now?.clock.trusted === true);
  return seen === null ? [fault('gatewaySilent')] : boxClockFindings(seen);
}

async function panelTest(context: StepContext): Promise<Finding[]> {
  const { world, progress } = context;
  if (progress.panel === null) return [note('panelNone')];
  const seen = await waitFor(
    world.time,
    panelWithinMs,
    world.gateway.status,
    (now) => now?.status.panel === 'ready',
  );
  if (seen?.status.panel !== 'ready') return [fault('panelMissing', { link: progress.panel.link })];
  return [await lampTest(context), ...(await buttonTest(context))];
}

async function lampTest({ world, person }: StepContext): Promise<Finding> {
  if (!(await world.gateway.lamps())) return fault('lampsNot');
  if (person === null) return note('lampsUnseen');
  await waitFor(
    world.time,
    lampsMs,
    async () => null,
    () => false,
  );
  return (await person.confirm('askColours')) ? ok('lampsShown') : fault('lampsWrong');
}

const buttons = [
  ['abort', 'buttonAbort'],
  ['info', 'buttonInfo'],
] as const;

/** For so long a person has who is there. */
const pressWithinS = 60;

async function buttonTest(context: StepContext): Promise<Finding[]> {
  const { world, person, answers } = context;
  const seconds = person === null ? answers.pressWithinS : pressWithinS;
  const findings: Finding[] = [];
  for (const [name, word] of buttons) {
    const button = say(answers.language ?? 'en', word);
    if (seconds === 0) {
      findings.push(note('buttonUntested', { button }));
      continue;
    }
    const presses = async (): Promise<number> => (await world.gateway.health())?.presses[name] ?? 0;
    const before = await presses();
    context.tell('askPress', { button });
    const after = await waitFor(world.time, seconds * 1000, presses, (now) => now > before);
    findings.push(
      after > before ? ok('buttonPressed', { button }) : fault('buttonMute', { button, seconds }),
    );
  }
  return findings;
}
