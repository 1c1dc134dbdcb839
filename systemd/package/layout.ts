/** Which packages there are, and which file of this repository goes where in them. */

/** A Debian package. */
export interface DebPackage {
  name: string;
  /** Has native code: one for each processor, holding a release. Else one for all. */
  hasRelease: boolean;
  /** Fields of its control file, without those that follow from the build. */
  control: Readonly<Record<string, string>>;
  /** From a path in the repository to one on the box; a file ending in `.gz` is packed. */
  files: readonly { from: string; to: string; mode?: number }[];
  /** On the box: an administrator's changes to these survive an upgrade. */
  conffiles?: readonly string[];
}

const units = '/usr/lib/systemd/system';
const common = { Section: 'misc', Priority: 'optional', 'Pre-Depends': 'init-system-helpers (>= 1.54~)' };

/** The box's package. */
export const swipe: DebPackage = {
  name: 'swipe',
  hasRelease: true,
  control: {
    ...common,
    Depends: 'libc6 (>= 2.28), libgcc-s1 (>= 3.0), libstdc++6 (>= 5.2), systemd (>= 252), udev',
    // What `swipe provision` works with: a time server, a panel's firmware, Wi-Fi.
    Recommends: 'systemd-timesyncd, avrdude, network-manager',
    Suggests: 'socat',
    Description: `payment gateway between sale systems and the bank's card terminal
 Takes signed payment commands over MQTT, carries them over a serial port or TCP
 to the bank's card terminal, and sends a signed result back. Power may be cut
 in mid-payment, the line may drop, a message may come twice: nobody is charged
 twice and no result is lost.
 .
 Brings its own Node.js; nothing is compiled or fetched on the box.`,
  },
  files: [
    { from: 'systemd/swipe', to: '/usr/bin/swipe', mode: 0o755 },
    { from: 'systemd/start-check', to: '/usr/lib/swipe/start-check', mode: 0o755 },
    { from: 'systemd/restart-when-idle', to: '/usr/lib/swipe/restart-when-idle', mode: 0o755 },
    { from: 'systemd/swipe-gateway.service', to: `${units}/swipe-gateway.service` },
    { from: 'systemd/swipe-firstboot.service', to: `${units}/swipe-firstboot.service` },
    { from: 'systemd/70-swipe.rules', to: '/usr/lib/udev/rules.d/70-swipe.rules' },
    { from: 'systemd/swipe.sysusers', to: '/usr/lib/sysusers.d/swipe.conf' },
    { from: 'systemd/swipe.modules-load', to: '/usr/lib/modules-load.d/swipe.conf' },
    { from: 'systemd/swipe.journald', to: '/usr/lib/systemd/journald.conf.d/50-swipe.conf' },
    { from: 'systemd/swipe.1', to: '/usr/share/man/man1/swipe.1.gz' },
    { from: 'systemd/gateway.example.json', to: '/usr/share/doc/swipe/examples/gateway.json' },
    { from: 'docs/sd-card.md', to: '/usr/share/doc/swipe/sd-card.md' },
    { from: 'docs/package.md', to: '/usr/share/doc/swipe/package.md' },
    { from: 'docs/field-guide.md', to: '/usr/share/doc/swipe/field-guide.md' },
    { from: 'docs/field-guide.uk.md', to: '/usr/share/doc/swipe/field-guide.uk.md' },
    { from: 'CHANGELOG.md', to: '/usr/share/doc/swipe/CHANGELOG.md.gz' },
    { from: 'systemd/package/lintian-overrides', to: '/usr/share/lintian/overrides/swipe' },
  ],
};

/** The registration cloud's package: its code is the box's, its user, unit and directories are not. */
export const registry: DebPackage = {
  name: 'swipe-registry',
  hasRelease: false,
  control: {
    ...common,
    Depends: 'swipe (= @VERSION@), systemd (>= 252)',
    Suggests: 'swipe-broker, postgresql',
    Description: `registration cloud for Swipe's payment gateways
 Knows every box, whose it is and what may reach it. Boxes register there, sale
 systems are paired there. One process on SQLite serves a shop chain, several on
 one PostgreSQL a fleet.`,
  },
  files: [
    { from: 'systemd/swipe-registry.service', to: `${units}/swipe-registry.service` },
    { from: 'systemd/swipe-registry.sysusers', to: '/usr/lib/sysusers.d/swipe-registry.conf' },
  ],
};

const mosquitto = 'provisioning/mosquitto';

/** Mosquitto as Swipe's broker; to install it is to want it. */
export const broker: DebPackage = {
  name: 'swipe-broker',
  hasRelease: false,
  control: {
    ...common,
    Depends: 'mosquitto (>= 2.0.11), systemd (>= 252)',
    Enhances: 'swipe-registry',
    Description: `Mosquitto's config as the broker of Swipe's payment gateways
 Boxes, sale systems and the registry meet there; the registry decides who gets
 in and what they may do. Needs a certificate in /etc/mosquitto/certs and what
 the registry writes to /var/lib/swipe-broker; Mosquitto waits for both.`,
  },
  files: [
    { from: `${mosquitto}/swipe.conf`, to: '/etc/mosquitto/conf.d/swipe.conf' },
    { from: `${mosquitto}/dynamic-security.json`, to: '/etc/mosquitto/swipe-dynamic-security.json' },
    { from: `${mosquitto}/mosquitto.service.d/swipe.conf`, to: `${units}/mosquitto.service.d/swipe.conf` },
    { from: `${mosquitto}/swipe-broker-trust.path`, to: `${units}/swipe-broker-trust.path` },
    { from: `${mosquitto}/swipe-broker-trust.service`, to: `${units}/swipe-broker-trust.service` },
    { from: `${mosquitto}/swipe-broker.tmpfiles`, to: '/usr/lib/tmpfiles.d/swipe-broker.conf' },
  ],
  conffiles: ['/etc/mosquitto/conf.d/swipe.conf', '/etc/mosquitto/swipe-dynamic-security.json'],
};
