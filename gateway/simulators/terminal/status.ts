/** `LastStatMsgCode` and its description (ECR protocol JSON based v1.0.3.1 §6): what the terminal is doing. */
export const statuses = {
  idle: 0,
  cardRead: 1,
  chip: 2,
  authorising: 3,
  waitingForCashier: 4,
  printing: 5,
  pin: 6,
  cardRemoved: 7,
  chooseApplication: 8,
  waitingForCard: 9,
  inProgress: 10,
} as const;

/** One of the codes of {@link statuses}. */
export type StatusCode = (typeof statuses)[keyof typeof statuses];

/** `LastStatMsgDescription`. */
export const statusTexts: Readonly<Record<StatusCode, string>> = {
  0: 'Статус недоступний',
  1: 'Картку прочитано',
  2: 'Використано чіп',
  3: 'Авторизація',
  4: 'Очікування дій касира',
  5: 'Друк',
  6: 'Введіть ПІН',
  7: 'Картку вилучено',
  8: 'Оберіть додаток',
  9: 'Очікування картки',
  10: 'Виконується',
};
