/** What a technician reads in the cases that happen: each made to happen with real ports, a real registry, real sockets. */
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { enrolmentIn } from '../../gateway/cli/technician/enrolment.ts';
import { networkOut } from '../../gateway/cli/technician/reach.ts';
import { findingLines } from '../../gateway/cli/technician/teller.ts';
import { askWho } from '../../gateway/cli/technician/who.ts';
import { silentLog } from '../../gateway/seams/log.ts';
import { readPanelFirmware } from '../../gateway/simulators/panel/firmware.ts';
import { createEmulatedPanel } from '../../gateway/simulators/panel/panel.ts';
import { servePanelPty } from '../../gateway/simulators/panel/serve.ts';
import { serveSerial } from '../../gateway/simulators/terminal/serial.ts';
import { createSimulatedTerminal } from '../../gateway/simulators/terminal/terminal.ts';
import { systemRandom } from '../../gateway/system/random.ts';
import { systemTime } from '../../gateway/system/time.ts';
import { linkOf } from '../../gateway/terminal/links/open.ts';
import { registryConfigOf } from '../../provisioning/registry/config.ts';
import { type RunningRegistry, startRegistry } from '../../provisioning/registry/main.ts';
import type { Finding } from '../../provisioning/technician/finding.ts';
import type { Language } from '../../provisioning/technician/texts/texts.ts';
import type { World } from '../../provisioning/technician/world.ts';
import { freePort } from './ports.ts';
import { laySerialCable } from './serial-cable.ts';
import type { Later } from './technician-site.ts';
import { answersWith, TechniciansWorld } from './technician-world.ts';

/** A case, and what was found in it that is not well. */
export interface Case {
  title: Readonly<Record<Language, string>>;
  findings: Finding[];
}

/** A world whose devices are real ports, and whose way out is real. */
class RealPorts extends TechniciansWorld {
  real: Partial<World> = {};

  override asWorld(): World {
    return { ...super.asWorld(), ...this.real };
  }
}

/** @param pingMs a terminal that is there answers at once, but a busy machine may take its time */
const devicesAt = (paths: readonly string[], pingMs = 8_000): World['devices'] => ({
  list: async () => paths.map((path) => ({ path, names: [path], mayBeBoard: path.includes('Arduino') })),
  ask: (link, hint) => {
    const linkAt = (text: string, baudRate: number) => linkOf(text, { baudRate, timers: systemTime });
    const parts = { linkAt, time: systemTime, sessionPauseMs: 20, pingsMs: [pingMs] };
    return askWho(parts, link, { ...hint, baudRate: 115_200 });
  },
});

const badOf = (findings: readonly Finding[]): Finding[] =>
  findings.filter(({ level }) => level === 'fault' || level === 'warning');

/** What is not well with these devices and answers. */
async function found(
  real: Partial<World>,
  answers: object,
  change = (_: RealPorts) => {},
): Promise<Finding[]> {
  const world = new RealPorts();
  world.real = real;
  change(world);
  const { findings } = await world.run(answersWith(answers));
  return badOf(findings);
}

/** Makes each of them happen. */
export async function happenings(directory: string, later: Later): Promise<Case[]> {
  const named = (name: string, target: string): string => {
    const path = join(directory, name);
    symlinkSync(target, path);
    return path;
  };
  const cable = await laySerialCable(directory);
  later(() => cable.remove());
  const terminalPort = named('usb-terminal', cable.boxEnd);
  const silent = await found({ devices: devicesAt([terminalPort], 600) }, {});

  const terminal = createSimulatedTerminal({
    time: systemTime,
    random: systemRandom,
    log: silentLog,
    script: {},
  });
  later(() => terminal.stop());
  const served = await serveSerial(terminal, { path: cable.terminalEnd });
  later(() => served.close());
  const panel = createEmulatedPanel({ hex: readPanelFirmware(), time: systemTime });
  panel.start();
  later(() => panel.stop());
  const onPty = await servePanelPty(panel, join(directory, 'ttyPanel'));
  later(() => onPty.close());
  const panelPort = named('usb-Arduino', join(directory, 'ttyPanel'));
  const both = devicesAt([terminalPort, panelPort]);

  const registry = await startCloud(directory);
  later(() => registry.stop());
  const way = { registry: { url: registry.url, key: registry.key } };
  const dead = await freePort();
  const enrolment = enrolmentIn({ stateDir: join(directory, 'state'), time: systemTime, log: silentLog });
  const network = networkOut(systemRandom);

  return [
    {
      title: { en: 'The wrong cable, or a terminal that is off', uk: 'Не той кабель, або термінал вимкнено' },
      findings: silent,
    },
    {
      title: { en: 'Nothing is plugged in', uk: 'Нічого не вставлено' },
      findings: await found({ devices: devicesAt([]) }, {}),
    },
    {
      title: { en: 'Swapped ports', uk: 'Переплутані порти' },
      findings: await found(
        { devices: both },
        { terminal: { link: `serial:${panelPort}` }, panel: { link: `serial:${terminalPort}` } },
      ),
    },
    {
      title: { en: 'No panel where one should be', uk: 'Немає панелі там, де вона має бути' },
      findings: await found(
        { devices: devicesAt([terminalPort]) },
        { panel: { link: 'serial:/dev/serial/by-id/usb-panel' } },
      ),
    },
    {
      title: { en: 'A dead broker', uk: 'Брокер не працює' },
      findings: await found({ network }, { ...way, broker: { url: `mqtt://127.0.0.1:${dead}` } }, (world) => {
        world.clockMs = Date.now();
      }),
    },
    {
      title: { en: 'A wrong claim code', uk: 'Хибний код прив’язки' },
      findings: await found({ network, enrolment }, way, (world) => {
        world.clockMs = Date.now();
      }),
    },
    {
      title: { en: 'A clock that is wrong by a year', uk: 'Годинник хибний на рік' },
      findings: await found({ network }, way, (world) => {
        world.clockMs = Date.now() - 365 * 86_400_000;
      }),
    },
  ];
}

/** The registry alone, without a broker. */
function startCloud(directory: string): Promise<RunningRegistry> {
  const config = registryConfigOf(
    {
      listen: { port: 0 },
      database: { kind: 'sqlite', path: join(directory, 'registry', 'registry.db') },
      masterKeyFile: join(directory, 'master.key'),
      authorityDir: join(directory, 'authority'),
    },
    'test',
  );
  return startRegistry(config, { log: silentLog });
}

/** As it stands in the field guide: what differs from day to day and from machine to machine is named as in an example. */
export function guideText(language: Language, cases: readonly Case[]): string {
  const example = (text: string): string =>
    text
      .replace(/serial:\S*usb-terminal/g, 'serial:/dev/serial/by-id/usb-VeriFone…')
      .replace(/serial:\S*usb-Arduino/g, 'serial:/dev/serial/by-id/usb-Arduino…')
      .replace(/127\.0\.0\.1 (refuses port|відмовляє на порту) \d+/g, 'broker.example $1 8883')
      .replace(/127\.0\.0\.1/g, 'registry.example')
      .replace(/(\d{4}-\d\d-\d\d) \d\d:\d\d(:\d\d)?/g, '…');
  const block = ({ title, findings }: Case): string =>
    [
      `#### ${title[language]}`,
      '',
      '```text',
      ...findings.flatMap((finding) => findingLines(language, finding)).map(example),
      '```',
    ].join('\n');
  return cases.map(block).join('\n\n');
}
