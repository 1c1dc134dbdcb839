/**
 * What a technician finds: an empty machine (a directory), a simulated terminal and the emulated panel on its serial ports,
 * a Mosquitto and the real registry with a claim code. Programs of the machine that cannot be here are stood in for.
 */
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { silentLog } from '../../gateway/seams/log.ts';
import { readPanelFirmware } from '../../gateway/simulators/panel/firmware.ts';
import { createEmulatedPanel, type EmulatedPanel } from '../../gateway/simulators/panel/panel.ts';
import { servePanelPty } from '../../gateway/simulators/panel/serve.ts';
import type { ScriptInput } from '../../gateway/simulators/terminal/script.ts';
import type { SeenOperation } from '../../gateway/simulators/terminal/seen.ts';
import { serveSerial } from '../../gateway/simulators/terminal/serial.ts';
import {
  createSimulatedTerminal,
  type SimulatedTerminal,
} from '../../gateway/simulators/terminal/terminal.ts';
import { systemRandom } from '../../gateway/system/random.ts';
import { systemTime } from '../../gateway/system/time.ts';
import { methodsOfType } from '../../gateway/terminal/privat-json/requests.ts';
import { registryConfigOf } from '../../provisioning/registry/config.ts';
import { type RunningRegistry, startRegistry } from '../../provisioning/registry/main.ts';
import { addCustomer, newClaim } from '../../provisioning/registry/services/customers.ts';
import { root as operator } from '../registry/world.ts';
import { Child, root as repository, swipe } from './child.ts';
import { laySerialCable, type SerialCable } from './serial-cable.ts';
import { type SwipeBroker, startSwipeBroker } from './swipe-broker.ts';

/** Ends what a test has begun, the last first. */
export type Later = (end: () => unknown) => void;

/** See the module. */
export interface Site {
  /** The machine's files. */
  readonly root: string;
  readonly cable: SerialCable;
  readonly terminal: SimulatedTerminal;
  readonly seen: SeenOperation[];
  readonly panel: EmulatedPanel | null;
  readonly registry: RunningRegistry;
  readonly broker: SwipeBroker;
  readonly claim: string;
  /** Answers for all of it. */
  answers(more?: object): object;
  /** `swipe provision --answers` with these; its process. */
  provision(answers: object, ...more: string[]): Child;
  swipe(...words: string[]): Child;
  /** Every file of the machine but devices: path, when changed, size, content. */
  tree(): Record<string, string>;
  stopGateway(): Promise<void>;
}

/** The names of the two cables on the machine. */
export const terminalName = 'usb-VeriFone_Inc_Trident_USB_Device-if00';
export const panelName = 'usb-Arduino__www.arduino.cc__0043_7563331-if00';

/** Builds it in an empty directory. */
export async function layTechnicianSite(
  directory: string,
  later: Later,
  { script = {}, hasPanel = true }: { script?: ScriptInput; hasPanel?: boolean } = {},
): Promise<Site> {
  const root = join(directory, 'machine');
  const byId = join(root, 'dev/serial/by-id');
  for (const folder of [byId, join(root, 'etc/swipe'), join(root, 'var/lib/swipe'), join(root, 'bin')])
    mkdirSync(folder, { recursive: true });
  const cable = await laySerialCable(directory);
  later(() => cable.remove());
  symlinkSync(cable.boxEnd, join(byId, terminalName));
  const seen: SeenOperation[] = [];
  const terminal = createSimulatedTerminal({
    time: systemTime,
    random: systemRandom,
    log: silentLog,
    script: { ...script, options: { stepMs: 20, ...script.options } },
    seen: (operation) => void seen.push(operation),
  });
  later(() => terminal.stop());
  const served = await serveSerial(terminal, { path: cable.terminalEnd });
  later(() => served.close());
  const panel = hasPanel ? await layPanel(directory, byId, later) : null;

  const broker = await startSwipeBroker(directory, later);
  const registry = await startCloud(directory, broker, later);
  const { customer } = await addCustomer(registry.core, operator, 'Shop');
  const { code: claim } = await newClaim(registry.core, operator, { customer });
  standIn(root);

  const environment = {
    PATH: [join(root, 'bin'), process.env.PATH ?? ''].join(delimiter),
    LANG: 'C.UTF-8',
    SITE: root,
    SWIPE: join(repository, 'gateway/cli/swipe.mjs'),
    NODE: process.execPath,
  };
  const run = (...words: string[]): Child => {
    const child = swipe([...words, '--root', root], environment);
    later(() => child.end('SIGKILL'));
    return child;
  };
  const stopGateway = async (): Promise<void> => {
    const child = new Child(join(root, 'bin/systemctl'), ['stop', 'swipe-gateway.service'], environment);
    await child.exit;
  };
  later(stopGateway);

  return {
    root,
    cable,
    terminal,
    seen,
    panel,
    registry,
    broker,
    claim,
    answers: (more = {}) => ({
      language: 'en',
      registry: { url: registry.url, key: registry.key },
      claim,
      terminal: { merchants: { shop: '1' } },
      ...more,
    }),
    provision(answers, ...more) {
      const path = join(directory, 'answers.json');
      writeFileSync(path, JSON.stringify(answers));
      return run('provision', '--answers', path, ...more);
    },
    swipe: run,
    tree: () => treeOf(root),
    stopGateway,
  };
}

async function layPanel(directory: string, byId: string, later: Later): Promise<EmulatedPanel> {
  const panel = createEmulatedPanel({ hex: readPanelFirmware(), time: systemTime });
  panel.start();
  later(() => panel.stop());
  const path = join(directory, 'ttyPanel');
  const served = await servePanelPty(panel, path);
  later(() => served.close());
  symlinkSync(path, join(byId, panelName));
  return panel;
}

async function startCloud(directory: string, broker: SwipeBroker, later: Later): Promise<RunningRegistry> {
  const masterKeyFile = join(directory, 'master.key');
  // That of the authority which has signed the broker's certificate.
  writeFileSync(masterKeyFile, '07'.repeat(32), { mode: 0o600 });
  const config = registryConfigOf(
    {
      listen: { port: 0 },
      database: { kind: 'sqlite', path: join(directory, 'data', 'registry.db') },
      masterKeyFile,
      authorityDir: join(directory, 'authority'),
      broker: {
        url: broker.url,
        control: { url: broker.url },
        crlFile: broker.crlFile,
        caFile: broker.caFile,
        pidFile: broker.pidFile,
      },
    },
    'test',
  );
  const registry = await startRegistry(config, { log: silentLog });
  later(() => registry.stop());
  return registry;
}

/** systemctl and journalctl of a machine that has the gateway's unit: a start is over when the gateway is ready. */
const systemctl = `#!/bin/sh
state=$SITE/unit; mkdir -p "$state"
alive() { [ -f "$state/pid" ] && kill -0 "$(cat "$state/pid")" 2>/dev/null; }
stop() { if alive; then kill "$(cat "$state/pid")"; while alive; do sleep 0.05; done; fi; rm -f "$state/pid"; }
case $1 in
  is-enabled) [ -f "$state/enabled" ] && echo enabled || echo disabled ;;
  is-active) alive && echo active || echo inactive ;;
  enable) : > "$state/enabled" ;;
  stop) stop ;;
  reset-failed) ;;
  restart)
    stop; rm -f "$SITE/var/lib/swipe/control.sock"
    "$NODE" "$SWIPE" gateway --config "$SITE/etc/swipe/gateway.json" > "$state/log" 2>&1 < /dev/null &
    echo $! > "$state/pid"
    for try in $(seq 600); do
      [ -S "$SITE/var/lib/swipe/control.sock" ] && exit 0
      alive || { echo "Job for swipe-gateway.service failed." >&2; exit 1; }
      sleep 0.05
    done
    exit 1 ;;
esac
`;

function standIn(root: string): void {
  const program = (name: string, text: string): void => {
    const path = join(root, 'bin', name);
    writeFileSync(path, text);
    chmodSync(path, 0o755);
  };
  program('systemctl', systemctl);
  program('journalctl', '#!/bin/sh\ncat "$SITE/unit/log"\n');
}

/** Sockets and what a running gateway writes by itself are left out. */
function treeOf(root: string): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (folder: string, name: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      const label = `${name}/${entry.name}`;
      if (entry.isDirectory()) visit(path, label);
      else if (entry.isFile() && !isGateways(label)) {
        const { mtimeMs, mode, uid, gid } = statSync(path);
        found[label] = [mtimeMs, mode.toString(8), uid, gid, readFileSync(path, 'latin1')].join(' ');
      }
    }
  };
  visit(root, '');
  return found;
}

const isGateways = (label: string): boolean =>
  /^\/(dev|unit|bin)\//.test(label) || /^\/var\/lib\/swipe\/(journal|registration\.json)/.test(label);

/** What was asked of a terminal that moves money. */
export const moves = ({ method }: SeenOperation): boolean =>
  (Object.entries(methodsOfType) as [string, readonly string[]][]).some(
    ([type, methods]) => !['receipt', 'totals', 'balance'].includes(type) && methods.includes(method),
  );
