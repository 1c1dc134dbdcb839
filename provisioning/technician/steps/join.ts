import type { Answers } from '../answers.ts';
import { type Finding, fault, ok, StepFailure } from '../finding.ts';
import type { Person, Step, StepContext } from '../step.ts';

/** Wi-Fi and address as the answers want them. What was before comes back when it fails. */
export const join: Step = {
  name: 'join',
  title: 'stepJoin',
  kind: 'change',
  plan: 'planJoin',
  isWanted: (context) => isAnswered(context) || context.person !== null,
  isDone: (context) => {
    const { joiner } = context.world;
    return isAnswered(context) ? joiner.isJoined(context.answers) : joiner.isConnected();
  },
  async do(context) {
    const { world, answers, person } = context;
    const { joiner } = world;
    if (!isAnswered(context) && person !== null) await askWifi(answers, person);
    // A cable, or somebody who knows better: the next step says whether there is a way out.
    if (!isAnswered(context)) return [];
    if (!(await joiner.isThere())) throw new StepFailure(fault('noNetworkManager'));
    const joined = await joiner.join(answers);
    const ssid = answers.wifi?.ssid ?? '';
    const address = answers.network?.address ?? '';
    if (!joined.done) {
      const values = { ssid, address, error: joined.text };
      throw new StepFailure(fault(answers.wifi === undefined ? 'lanFailed' : 'wifiFailed', values));
    }
    const findings: Finding[] = [];
    if (ssid !== '') findings.push(ok('wifiJoined', { ssid }));
    if (address !== '') findings.push(ok('lanSet', { address }));
    return findings;
  },
};

const isAnswered = ({ answers }: StepContext): boolean =>
  answers.wifi !== undefined || answers.network !== undefined;

async function askWifi(answers: Answers, person: Person): Promise<void> {
  const ssid = await person.text('askWifi');
  if (ssid === '') return;
  const password = await person.text('askWifiPassword', { secret: true });
  answers.wifi = { ssid, ...(password === '' ? {} : { password }), country: 'UA', hidden: false };
}
