/** Registration and config. */
export const registry = {
  registered: 'Registered as {box}: {state}',
  unbilled: 'No registry: this box belongs to nobody but its owner. Its id: {box}',
  claimNeeded: [
    'The registry does not know this box, and no claim code was given.',
    'The code says to which customer the box belongs.',
    'Get a claim code from the operator and give it.',
  ],
  claimUnknown: [
    'The registry does not know this claim code.',
    'It was misread, or is for another registry.',
    'Read it again, character by character. Else get a new one from the operator. After five wrong ones there is a pause.',
  ],
  claimExpired: [
    'The claim code has expired.',
    'A code is good for seven days.',
    'Get a new one from the operator.',
  ],
  claimUsed: [
    'The claim code was used for another box.',
    'Each code is good for one box.',
    'Get a new one from the operator. If nobody used it, say so: somebody did.',
  ],
  claimLocked: [
    'Too many wrong claim codes came from here.',
    'Even the right one is not looked at for a while.',
    'Wait a quarter of an hour, then start again with the right code.',
  ],
  boxRetired: [
    'The operator has taken this box out of use.',
    'It belongs to no customer. Each claim code is good once: the one that it had does not bring it back.',
    'Get a new claim code from the operator and give it.',
  ],
  registrySilent: [
    'The registry did not answer the registration: {error}',
    'The box stays without a customer until it does.',
    'If the way out was found open above, wait five minutes and start again; else put that right first.',
  ],
  registryStrange: [
    'The answer of the registry is not believed: {error}',
    'The public key in the answers is not that of this registry, or somebody is in between.',
    'Compare "registry": {"key": …} with what you were given. If it is right, call support.',
  ],
  keyUnusable: [
    "The box's own key cannot be used: {error}",
    'Without it this would be another box for everybody.',
    'If this card was in use before, restore /var/lib/swipe/box-key.json from its backup. On a new card delete the file and start again.',
  ],
  noBroker: [
    'The registry has told no broker, and the answers name none.',
    'Commands would have no way to the box.',
    'Call support: the registry has no broker in its config.',
  ],
  pairingCode: 'Code for the sale system: {code}, good until {expiresAt}',
  pairingNone: 'No pairing code is waiting: the operator makes one when the sale system is to be connected',
  configWritten: 'The config is in {path}',
  configFaults: [
    'The config would have faults: {faults}',
    'It was not written; what was there stays.',
    'Correct the answers and start again.',
  ],
  configUnreadable: [
    'The config {path} is there and cannot be read: {error}',
    'It was changed by hand. It is not overwritten.',
    'Correct it, or move it away, and start again.',
  ],
  writeFailed: [
    '{path} could not be written: {error}',
    'The card is full, read-only, or failing.',
    'See what is said of the card; else exchange it.',
  ],
} as const;
