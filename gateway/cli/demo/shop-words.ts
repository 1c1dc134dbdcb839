/** The sample shop's words, Ukrainian and English. */
import type { Language } from '../../desk/pages/words.ts';
import type { StatusCode } from '../../simulators/terminal/status.ts';
import type { OrderState, ResultFault } from './shop-orders.ts';

/** All words of one language. */
export interface ShopWords {
  language: Language;
  other: { language: Language; name: string };
  title: string;
  intro: string;
  pay: string;
  payRest: string;
  payAgain: string;
  goOn: string;
  handler: string;
  states: Readonly<Record<OrderState, string>>;
  back: string;
  faults: Readonly<Record<ResultFault, string>>;
  notBelieved: string;
  panel: string;
  led: string;
  terminal: string;
  receipt: string;
  previous: string;
  noPaper: string;
  lost: string;
  idle: string;
  /** Of the LED; by the names that its description has. */
  colours: Readonly<Record<string, string>>;
  steady: string;
  changing: string;
  flashes(count: number, periodS: string): string;
  screen: Readonly<Record<StatusCode, string>>;
  /** What the terminal says at an operation's end. */
  ended: Readonly<Record<string, string>>;
  endedOtherwise: string;
}

const ukrainian: ShopWords = {
  language: 'uk',
  other: { language: 'en', name: 'In English' },
  title: 'Крамниця «Приклад»',
  intro: 'Нічого з цього не справжнє: термінал, принтер і панель імітовано, грошей ніхто не списує.',
  pay: 'Оплатити',
  payRest: 'Оплатити решту',
  payAgain: 'Спробувати ще раз',
  goOn: 'До оплати',
  handler: 'те саме посиланням kassa-api://',
  states: {
    open: 'Не оплачено',
    waiting: 'Чекаємо на оплату',
    unclear: 'Не з’ясовано: не приймайте вдруге',
    notPaid: 'Не оплачено',
    partlyPaid: 'Оплачено частково',
    paid: 'Оплачено',
  },
  back: 'До замовлень',
  faults: {
    unsigned: 'Його не підписала каса цієї крамниці.',
    otherOrder: 'Він не від цього замовлення.',
    otherBox: 'Він від іншої каси.',
    otherAmount: 'У ньому інша сума.',
  },
  notBelieved: 'Цьому результату не можна вірити',
  panel: 'Каса',
  led: 'Світлодіод',
  terminal: 'Термінал',
  receipt: 'Чек',
  previous: 'Попередній',
  noPaper: 'Принтер ще нічого не друкував.',
  lost: 'Демонстрація не відповідає.',
  idle: 'ГОТОВИЙ',
  colours: {
    off: 'не світить',
    white: 'білий',
    magenta: 'пурпуровий',
    cyan: 'блакитний',
    yellow: 'жовтий',
    amber: 'бурштиновий',
    red: 'червоний',
    green: 'зелений',
    blue: 'синій',
  },
  steady: 'постійно',
  changing: 'змінюється',
  flashes: (count, periodS) => `спалахів ${count} за ${periodS.replace('.', ',')} с`,
  screen: {
    0: 'ЗАЧЕКАЙТЕ',
    1: 'КАРТКУ ПРОЧИТАНО',
    2: 'ЧИП',
    3: 'АВТОРИЗАЦІЯ',
    4: 'ЧЕКАЮ КАСИРА',
    5: 'ДРУК',
    6: 'ВВЕДІТЬ ПІН',
    7: 'КАРТКУ ВИЛУЧЕНО',
    8: 'ОБЕРІТЬ ДОДАТОК',
    9: 'КАРТКУ, БУДЬ ЛАСКА',
    10: 'ВИКОНУЄТЬСЯ',
  },
  ended: {
    approved: 'СХВАЛЕНО',
    partiallyApproved: 'СХВАЛЕНО ЧАСТКОВО',
    declined: 'ВІДМОВЛЕНО',
    cancelled: 'СКАСОВАНО',
    reversed: 'СКАСОВАНО',
  },
  endedOtherwise: 'НЕ ВДАЛОСЯ',
};

const english: ShopWords = {
  language: 'en',
  other: { language: 'uk', name: 'Українською' },
  title: 'The sample shop',
  intro: 'None of this is real: terminal, printer and panel are simulated, and nobody is charged.',
  pay: 'Pay',
  payRest: 'Pay the rest',
  payAgain: 'Try again',
  goOn: 'On to the payment',
  handler: 'the same by a kassa-api:// link',
  states: {
    open: 'Not paid',
    waiting: 'Waiting for the payment',
    unclear: 'Not known: do not charge again',
    notPaid: 'Not paid',
    partlyPaid: 'Partly paid',
    paid: 'Paid',
  },
  back: 'To the orders',
  faults: {
    unsigned: "It is not signed by this shop's box.",
    otherOrder: "It is not of this order's payments.",
    otherBox: 'It is of another box.',
    otherAmount: 'It is of another sum.',
  },
  notBelieved: 'This result cannot be believed',
  panel: 'The box',
  led: 'LED',
  terminal: 'Terminal',
  receipt: 'Receipt',
  previous: 'The one before',
  noPaper: 'The printer has not printed yet.',
  lost: 'The demo does not answer.',
  idle: 'READY',
  colours: {},
  steady: 'steady',
  changing: 'changing',
  flashes: (count, periodS) => `${count === 1 ? 'a flash' : `${count} flashes`} every ${periodS} s`,
  screen: {
    0: 'PLEASE WAIT',
    1: 'CARD READ',
    2: 'CHIP',
    3: 'ASKING THE BANK',
    4: 'CASHIER, PLEASE',
    5: 'PRINTING',
    6: 'ENTER PIN',
    7: 'CARD REMOVED',
    8: 'CHOOSE APPLICATION',
    9: 'CARD, PLEASE',
    10: 'IN PROGRESS',
  },
  ended: {
    approved: 'APPROVED',
    partiallyApproved: 'PARTLY APPROVED',
    declined: 'DECLINED',
    cancelled: 'CANCELLED',
    reversed: 'CANCELLED',
  },
  endedOtherwise: 'NOT DONE',
};

/** The words of a language. */
export const shopWordsIn = (language: Language): ShopWords => (language === 'uk' ? ukrainian : english);
