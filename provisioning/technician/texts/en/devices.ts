/** What is at the cables. */
export const devices = {
  noDevices: [
    'There is no serial device at all.',
    'Nothing is plugged in, the cable only charges, or the terminal is off.',
    'Switch the terminal on. Use the data cable that came with it and plug it straight into the box. It must appear within ten seconds of plugging in.',
  ],
  deviceSilent: [
    '{link}: there is a device, but it does not answer.',
    'It is off or in a menu; it is not switched to the JSON protocol; or the serial cable is a straight one where a crossed one (null modem) is needed.',
    'Wake the terminal and leave its menu. Else try another cable. Else ask the bank whether the JSON protocol (ECR) is switched on.',
  ],
  deviceBabbles: [
    '{link}: something talks, but nothing that the box understands.',
    'A terminal with another protocol or another speed, or another device altogether (scanner, scales).',
    'Is it the terminal? Then ask the bank to switch it to the JSON protocol at 115200 baud. Is it something else? Then it does not belong at this box.',
  ],
  deviceTaken: [
    '{link}: another program has it open.',
    'ModemManager, a cash register program, or a second gateway.',
    'End that program. ModemManager: apt-get remove modemmanager.',
  ],
  deviceDenied: [
    '{link}: it may not be opened.',
    'The device belongs to somebody else on this system.',
    'Start with sudo; if it was so, install the package again: its udev rules give the devices to the box.',
  ],
  deviceGone: [
    '{link}: it is not there.',
    'The config or the answers name it, and nothing is plugged in under that name.',
    'Plug it in where it was. If it has moved, leave "link" out of the answers: it is then looked for.',
  ],
  deviceUnreachable: [
    '{link}: nobody is there ({error}).',
    'The terminal is off, has another address, or this network does not let the box through to it.',
    'Read the address on the terminal (menu, network) and compare. The port is 2000.',
  ],
  portsSwapped: [
    'The two cables are swapped: the panel is at {terminalLink}, and the terminal at {panelLink}.',
    'The answers, or the config from before, say it the other way round.',
    'Swap the two plugs, or leave both "link" out of the answers: the devices are then told apart by what they say.',
  ],
  panelAtTerminal: [
    'At {link} there is the panel, where the terminal should be.',
    'The wrong cable is in that socket.',
    'Put the terminal there, or leave "link" out of the answers: the devices are then told apart by what they say.',
  ],
  terminalAtPanel: [
    'At {link} there is the terminal, where the panel should be.',
    'The wrong cable is in that socket.',
    'Put the panel there, or leave "link" out of the answers: the devices are then told apart by what they say.',
  ],
  terminalFound: 'The terminal: {terminal}, at {link}, {baudRate} baud',
  terminalFoundTcp: 'The terminal: {terminal}, at {link}',
  terminalKept: 'The terminal answers to the gateway: {terminal}',
  terminalBusy: [
    'The terminal at {link} is busy.',
    'Somebody uses it, or it waits for a key.',
    'Look at its screen, finish or cancel what stands there, start again.',
  ],
  terminalMissing: [
    'No terminal was found.',
    'What answers on the cables is no terminal of this protocol.',
    'See what is said of each cable above. The terminal must be on, out of its menus, and switched to the JSON protocol by the bank.',
  ],
  terminalTwo: [
    'There is more than one terminal: {links}.',
    'One box belongs to one terminal, and nobody is there to be asked which.',
    'Unplug the other one, or name the right one in the answers ("terminal": {"link": …}).',
  ],
  terminalOther: [
    'This is another terminal than the answers say: {found} instead of {expected}.',
    "Payments would go to somebody else's account.",
    'Plug in the right terminal, or correct "terminal": {"id": …} in the answers.',
  ],
  terminalPinned: 'The terminal is written down: {terminal}',
  merchantMissing: [
    'The terminal has no merchant {index} ("{name}"). It has: {list}.',
    'Payments for "{name}" would be refused by the terminal.',
    'Correct "merchants" in the answers, or ask the bank to load the merchant.',
  ],
  merchantsListed: 'Merchants on the terminal: {list}',
  panelFound: 'The panel: firmware {version}, at {link}',
  panelNone: 'No panel: the box works the same without one',
  panelMissing: [
    'No panel answers at {link}.',
    'Not plugged in, a cable that only charges, or a board without firmware.',
    'Try another USB cable and another socket. A new board: "panel": {"link": …, "flash": true} in the answers.',
  ],
  panelOld: [
    'The panel at {link} has firmware that does not fit this version.',
    'The gateway cannot use it.',
    'It is flashed in the next step.',
  ],
  panelEmpty: [
    'At {link} there is a board that is no panel yet{name}.',
    'A new Arduino, or one with other firmware.',
    'Answer yes when asked, or "panel": {"link": …, "flash": true} in the answers.',
  ],
  panelTwo: ['There is more than one panel: {links}.', 'One box has one panel.', 'Unplug the other one.'],
  flashed: 'The panel was flashed: firmware {version}, at {baudRate} baud',
  flashNoTool: [
    'The program avrdude is missing.',
    'Without it no panel can be flashed.',
    'apt-get install avrdude, start again. Or leave the panel away for now: "panel": "none".',
  ],
  flashNoSync: [
    'The board at {link} does not answer to flashing.',
    'Neither the new (115200 baud) nor the old bootloader (57600) is on it; or it is no Arduino Uno or Nano; or its USB chip does not reset it.',
    'Press its reset button right when flashing starts, and start again. Else take another board.',
  ],
  flashFailed: [
    'Flashing the panel has failed: {error}',
    'The firmware on it may be half old, half new: it does nothing until it is flashed again. Nothing is broken.',
    'Start again. If it comes again, try another USB cable, then another board.',
  ],
  flashSilent: [
    'The panel was flashed, and still does not say who it is.',
    'The board has another chip or another speed.',
    'Take another board: an Arduino Uno or Nano with ATmega328P, 16 MHz.',
  ],
} as const;
