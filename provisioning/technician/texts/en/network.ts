/** The machine and its way out. */
export const network = {
  machineIs: '{model}, serial number {serial}, {system}',
  notRoot: [
    'This is not run as root.',
    'Ports, config and services cannot be reached.',
    'Start it with sudo.',
  ],
  noSerialNumber: [
    'This machine says no serial number of its own.',
    'Its records are bound to the card alone: a copy of the card would pass for this box.',
    'Use a Raspberry Pi, or a machine with /etc/machine-id.',
  ],
  diskFree: '{free} MB free for the records of payments',
  diskLow: [
    'Only {free} MB are free on the card.',
    'Payments go on, but not for long: below 8 MB no new one is accepted.',
    'Use a larger card, or remove what does not belong on it.',
  ],
  diskFull: [
    'The card is full: {free} MB free.',
    'Nothing can be written down, and what cannot be written down is not paid.',
    'Remove what does not belong on it, or use a larger card. Do not delete /var/lib/swipe.',
  ],
  diskReadOnly: [
    '{path} cannot be written to.',
    'The file system is read-only: by intent (overlay), or because the card is failing.',
    'With a read-only root, /var/lib/swipe needs a writable partition of its own. Otherwise exchange the card.',
  ],
  diskForgets: [
    '{path} lies in memory: it is gone at the next start.',
    'The overlay of the root file system is on, or no partition is mounted there.',
    'Switch the overlay off before you set the box up, and on again afterwards. /var/lib/swipe needs its own partition.',
  ],
  wifiJoined: 'The box is in the Wi-Fi network {ssid}',
  lanSet: 'The box has the address {address}',
  wifiFailed: [
    'The box did not get into the Wi-Fi network {ssid}: {error}',
    'Wrong password, too far away, or a network of 5 GHz that this Pi does not have. What was there before is back.',
    'Check name and password (capitals count), hold the box nearer to the router, or use a cable.',
  ],
  lanFailed: [
    'The address {address} could not be set: {error}',
    'What was there before is back.',
    'Check the cable, and ask who runs the network for an address that is free.',
  ],
  noNetworkManager: [
    'This machine has no NetworkManager.',
    'Only that can be set up from the answers (Raspberry Pi OS 12 and later have it).',
    'Set the network up by hand and leave "wifi" and "network" out of the answers.',
  ],
  nameUnknown: [
    'The name {host} is not known.',
    'The network gives the box an address book (DNS) in which this name does not stand, or the name is misspelt.',
    'Check the spelling first. If it is right, ask who runs the network to allow DNS for {host}.',
  ],
  dnsSilent: [
    'The name {host} could not be looked up: nobody answers (DNS, port 53).',
    'There is no network at all, or it blocks DNS.',
    'Is the cable in, does its lamp blink? Does a phone in the same network open a page? Else ask for port 53.',
  ],
  portRefused: [
    '{host} refuses port {port}.',
    'The machine is there, and the service on it is not running, or another port is meant.',
    'Compare address and port with what you were given. If they are right, the service is down: call support.',
  ],
  portSilent: [
    '{host}, port {port}: no answer at all.',
    'A firewall of this network swallows it, or the server is off.',
    'Ask who runs the network to allow outgoing connections to {host}, port {port}. To try: use a phone as hotspot.',
  ],
  noRoute: [
    'There is no way to {host}, port {port}.',
    'The box has no network, or no router.',
    'Is the cable in, does its lamp blink? Wi-Fi: is the box in the right network?',
  ],
  onlyProxy: [
    '{host}, port {port} is reached through the proxy {proxy} only.',
    'The broker speaks MQTT, which does not pass such a proxy: the box has to get out directly.',
    'Ask who runs the network for direct outgoing connections to {host}, port {port}.',
  ],
  proxyNotNeeded: 'The proxy {proxy} is not needed and is not used: the direct way is open',
  tlsUnknownCa: [
    '{host}, port {port}: the certificate is signed by somebody whom the box does not know.',
    'Another server answers there, or this network opens and reads encrypted connections (a firewall, an antivirus).',
    'Ask who runs the network to exempt {host} from inspection. With a CA of your own: is "ca" in the answers right?',
  ],
  tlsWrongName: [
    '{host}, port {port}: the certificate is for another name.',
    'Another server answers there, or a log-in page of the network (hotel, mall).',
    'Open any page with a phone in this network: does a log-in page come? Otherwise compare the address.',
  ],
  tlsNotYetValid: [
    '{host}, port {port}: the certificate is not valid yet, says the clock of this box ({box}).',
    'As long as the clock is wrong the box trusts nobody, and nobody it.',
    'See what is said of the clock.',
  ],
  tlsExpired: [
    '{host}, port {port}: the certificate has expired, says the clock of this box ({box}).',
    'Either the clock is wrong, or the server really has an old certificate.',
    'If the date is right, call support: the certificate of {host} has to be renewed.',
  ],
  tlsRefused: [
    '{host}, port {port}: the server does not take the certificate of this box.',
    'It was revoked, or has expired: the box was retired or replaced.',
    'Call support with the id of the box.',
  ],
  tlsFailed: [
    '{host}, port {port}: no encrypted connection ({error}).',
    'Something in between disturbs it, or another service is on that port.',
    'Compare address and port. To try: use a phone as hotspot; if that works it is this network.',
  ],
  registryAnswers: 'The registry answers: {host}, port {port}',
  registryOther: [
    '{host}, port {port}: something answers that is not the registry (HTTP {status}).',
    'A log-in page of the network, or a wrong address.',
    'Open any page with a phone in this network: does a log-in page come? Otherwise compare the address.',
  ],
  brokerAnswers: 'The broker answers: {host}, port {port}',
  brokerDenied: [
    '{host}, port {port}: the broker does not let the box in ({error}).',
    'Name or password in the answers are not those of the broker.',
    'Compare "username" and "password" with what you were given.',
  ],
  brokerNotMqtt: [
    '{host}, port {port}: something answers that is not a broker.',
    'Another service is on that port, or something in between changes what is said.',
    'Compare address and port; the usual port is 8883.',
  ],
  clockRight: 'The clock is right: {box}',
  clockWrong: [
    'The clock of this box is wrong by {differenceMs}: it says {box}, {host} says {other}.',
    'Certificates seem expired or not yet valid, and no payment starts while the time is not known.',
    'Set it: timedatectl set-ntp true, wait a minute, start again. If it stays wrong, the network blocks NTP (UDP, port 123): ask for that, or set it by hand: timedatectl set-ntp false; timedatectl set-time "{local}".',
  ],
  clockOff: [
    'The clock of this box differs by {differenceMs} from that of {host}.',
    'Up to two minutes nobody notices.',
    'timedatectl set-ntp true. If it stays, ask for NTP (UDP, port 123) in this network.',
  ],
} as const;
