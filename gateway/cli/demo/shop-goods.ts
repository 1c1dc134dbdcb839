/** The sample shop's orders, and what the simulated terminal makes of each. */
import type { PrintElement } from '../../contract/print-document.ts';
import type { Language } from '../../desk/pages/words.ts';
import type { RuleInput } from '../../simulators/terminal/script.ts';

/** A text in both of the shop's languages. */
export type Texts = Readonly<Record<Language, string>>;

/** One order. Sums are minor units. */
export interface SampleOrder {
  number: number;
  /** As the box and the bank's receipt are told. */
  name: string;
  items: readonly { name: Texts; quantity: number; price: number }[];
  /** What will happen at the terminal, for whoever tries it; null: it is paid. */
  happens: Texts | null;
  /** What makes it happen; it is matched by the sum. */
  rule: Omit<RuleInput, 'match'> | null;
}

/** All orders of the shop. */
export const sampleOrders: readonly SampleOrder[] = [
  {
    number: 1,
    name: 'Z-1001',
    items: [
      { name: { uk: 'Кава', en: 'Coffee' }, quantity: 2, price: 6500 },
      { name: { uk: 'Круасан мигдалевий', en: 'Almond croissant' }, quantity: 1, price: 7850 },
    ],
    happens: null,
    rule: null,
  },
  {
    number: 2,
    name: 'Z-1002',
    items: [{ name: { uk: 'Кросівки', en: 'Sneakers' }, quantity: 1, price: 249_900 }],
    happens: {
      uk: 'Банк відмовить: на картці замало грошей.',
      en: 'The bank declines: there is not enough on the card.',
    },
    rule: { do: 'decline', code: '0051' },
  },
  {
    number: 3,
    name: 'Z-1003',
    items: [{ name: { uk: 'Книжка', en: 'Book' }, quantity: 1, price: 34_540 }],
    happens: {
      uk: 'Першого разу покупець передумає.',
      en: 'The first time the customer presses the red key.',
    },
    rule: { do: 'customerCancels', times: 1 },
  },
  {
    number: 4,
    name: 'Z-1004',
    items: [{ name: { uk: 'Лампа', en: 'Lamp' }, quantity: 1, price: 115_000 }],
    happens: {
      uk: 'Банк схвалить лише 700,00: лишиться решта.',
      en: 'The bank approves 700.00 alone: there will be a rest.',
    },
    rule: { do: 'partial', amount: '700.00' },
  },
  {
    number: 5,
    name: 'Z-1005',
    items: [
      { name: { uk: 'Чайник', en: 'Teapot' }, quantity: 1, price: 64_000 },
      { name: { uk: 'Чашка', en: 'Cup' }, quantity: 4, price: 12_500 },
    ],
    happens: {
      uk: 'Кабель термінала випаде, щойно банк схвалить: каса з’ясує, що сталося.',
      en: "The terminal's line breaks just after the bank has approved: the box finds out.",
    },
    rule: { do: 'dropAfter', times: 1 },
  },
];

/** What an order comes to. */
export const sumOf = ({ items }: Pick<SampleOrder, 'items'>): number =>
  items.reduce((sum, { quantity, price }) => sum + quantity * price, 0);

/** The rules for the terminal. */
export const sampleRules = (): RuleInput[] =>
  sampleOrders.flatMap((order) =>
    order.rule === null
      ? []
      : [{ ...order.rule, match: { method: 'Purchase', amount: (sumOf(order) / 100).toFixed(2) } }],
  );

const paperWords = {
  uk: { shop: 'КРАМНИЦЯ «ПРИКЛАД»', order: 'Замовлення', sum: 'РАЗОМ', card: 'Карткою', thanks: 'Дякуємо!' },
  en: { shop: 'THE SAMPLE SHOP', order: 'Order', sum: 'TOTAL', card: 'By card', thanks: 'Thank you!' },
} as const;

/** The shop's own receipt, which the box prints with the bank's slip. */
export function documentOf(order: SampleOrder, amount: number, address: string, language: Language) {
  const words = paperWords[language];
  const plain = { align: 'center', bold: false, size: 1 } as const;
  const document: PrintElement[] = [
    { ...plain, kind: 'text', text: words.shop, bold: true },
    { ...plain, kind: 'text', text: `${words.order} ${order.name}` },
    { kind: 'rule', double: false },
    ...order.items.map(
      ({ name, quantity, price }): PrintElement => ({
        kind: 'item',
        name: name[language],
        quantity: String(quantity),
        price,
        sum: quantity * price,
      }),
    ),
    { kind: 'rule', double: true },
    { kind: 'total', label: words.sum, sum: sumOf(order), bold: true, size: 2 },
    { kind: 'total', label: words.card, sum: amount, bold: false, size: 1 },
    { kind: 'qr', text: address },
    { ...plain, kind: 'text', text: words.thanks },
  ];
  return document;
}
