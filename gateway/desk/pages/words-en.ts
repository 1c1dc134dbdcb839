import type { Words } from './words.ts';

/** English. */
export const english: Words = {
  language: 'en',
  other: { language: 'uk', name: 'Українською' },
  payment: 'Card payment',
  order: 'Order',
  sum: 'To pay',
  box: 'Box',
  operation: 'Operation',
  card: 'Card',
  rrn: 'RRN',
  receipt: 'Receipt',
  terminal: { label: 'Terminal', ready: 'ready', busy: 'busy', absent: 'does not answer' },
  pay: 'Take the payment',
  ready: {
    title: 'Ready to take the payment',
    text: 'Compare order and sum, then press the button. Nothing has been charged yet.',
  },
  obstacles: {
    busy: {
      title: 'The box is busy',
      text: 'Another payment is going on, or somebody uses the terminal. Wait: this page goes on by itself.',
    },
    terminalAbsent: {
      title: 'The terminal does not answer',
      text: 'Check its cable and power. This page goes on by itself when it is back.',
    },
    unresolved: {
      title: 'An earlier payment is not clear',
      text: 'Nobody knows yet whether it was charged. Until that is settled the box takes no payment: look at the receipts on the terminal, and call whoever looks after the box.',
    },
    suspended: {
      title: 'The box is suspended',
      text: 'It takes no new payments until its bill is paid. Take this payment in another way, and call whoever looks after the box.',
    },
    unregistered: {
      title: 'The box is not registered',
      text: 'It takes no payments yet. Take this payment in another way, and call whoever looks after the box.',
    },
    unsupported: {
      title: 'The terminal cannot do this',
      text: 'It does not have this kind of payment. Take it in another way.',
    },
    clockUnknown: {
      title: 'The box does not know the time',
      text: 'It takes no payments until it does. Mostly it is enough that it reaches the network.',
    },
  },
  running: 'Payment in progress',
  recovering: {
    title: 'Contact with the terminal was lost',
    text: 'The box is finding out what became of the payment. Do not take it again. This page goes on by itself.',
  },
  steps: {
    none: 'The terminal is being called',
    waitingForCard: 'Ask the customer to present the card',
    cardRead: 'Card read',
    chip: 'The chip is being read',
    chooseApplication: 'The customer chooses an application on the terminal',
    pin: 'The customer enters the PIN',
    authorising: 'Asking the bank',
    waitingForCashier: 'The terminal waits for you: look at its screen',
    correction: 'The terminal asks for a correction',
    printing: 'The terminal is printing',
    removeCard: 'The customer takes the card out',
    inProgress: 'The terminal is at work',
  },
  outcomes: {
    approved: { title: 'Paid', text: 'The bank has approved the payment.' },
    partiallyApproved: {
      title: 'Paid in part',
      text: 'The bank has approved less than was asked for. Take the rest in another way.',
    },
    declined: { title: 'Declined', text: 'The bank or the card said no. Nothing was charged.' },
    cancelled: { title: 'Cancelled', text: 'It was stopped at the terminal. Nothing was charged.' },
    failed: { title: 'It did not work', text: 'It is certain that nothing was charged.' },
    refused: {
      title: 'Not started',
      text: 'Nothing was sent to the terminal, nothing was charged. For another try the shop has to make a new link.',
    },
    unknown: {
      title: 'The outcome is not known',
      text: 'Do not take the payment again. Look at the last receipt on the terminal and keep it. The box goes on finding out, and this page changes when it knows; if it does not, call whoever looks after the box.',
    },
    done: { title: 'Done', text: '' },
  },
  reasons: {
    expired: 'The link is too old.',
    busy: 'The box was busy.',
    unresolved: 'An earlier payment is not clear yet.',
    unsupported: 'The terminal does not have this kind of payment.',
    suspended: 'The box is suspended.',
    unregistered: 'The box is not registered.',
    forbidden: 'The shop’s key may not ask for this.',
    aborted: 'The shop has called it off.',
    terminalAbsent: 'The terminal does not answer.',
    clockUnknown: 'The box does not know the time.',
    storageFull: 'The disk of the box is full.',
    invalid: 'The order has a fault.',
    restarted: 'The box was restarted before it began.',
  },
  orderFaults: {
    unsigned: {
      title: 'This order is not genuine',
      text: 'It was changed on its way, or comes from a shop that the box does not know. Do not take money for it. Open the order in the shop again.',
    },
    otherBox: {
      title: 'This order is for another box',
      text: 'Open it at the checkout that it was made for.',
    },
    invalid: { title: 'This order has a fault', text: 'The shop has to put it right and make a new link.' },
    notPayable: { title: 'This is no payment', text: 'A link can only take a payment.' },
    callbackDiffers: {
      title: 'The link leads elsewhere than the order',
      text: 'Its way back was changed. Do not take money for it. Open the order in the shop again.',
    },
    callbackForeign: {
      title: 'The box may not send anybody there',
      text: 'The order’s way back is not among those that the box allows (desk.callbacks in its config).',
    },
    duplicate: {
      title: 'This order’s number is taken',
      text: 'It stands for another order already. Nothing was done. The shop has to make a new link.',
    },
    expired: {
      title: 'This link is too old',
      text: 'Nothing was charged for it. Open the order in the shop again.',
    },
  },
  linkFault: {
    title: 'This link cannot be read',
    text: 'Open the order in the shop again. If it comes to the same, tell the shop what stands here.',
  },
  details: {},
  pressAgain: 'The box was restarted since this page was shown. Nothing was started: press once more.',
  back: 'Back to the shop',
  backSoon: 'In a moment you are back in the shop.',
  noWayBack: 'You can close this page now.',
  lost: 'The box does not answer. Do not take the payment again: this page goes on when it is back.',
  tooMany: { title: 'Too many at once', text: 'Wait a moment and open the link again. Nothing was started.' },
  storageFull: {
    title: 'The disk of the box is full',
    text: 'Nothing was started. Take this payment in another way, and call whoever looks after the box.',
  },
  failed: { title: 'The box could not answer', text: 'Open the same link again: it is never charged twice.' },
  handlers: {
    title: 'Do pay links open here?',
    intro:
      'Press each button. If the line below it turns to “works”, links of this kind open at this box from this computer.',
    try: 'Try',
    works: 'works',
    waits: 'not seen yet',
    direct: 'Plain link, for phones and tablets',
    install: 'How to install the handler: docs/pay-links.md. On Linux:',
  },
  handlerWorks: { title: 'It works', text: 'This link has come to the box. You can close this page.' },
};
