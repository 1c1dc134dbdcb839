/** An element of a statement with what is in it. */
export interface Element {
  name: string;
  line: number;
  /** The attribute `Ccy`. */
  currency: string | null;
  text: string;
  children: Element[];
}

/** All elements that a path of names leads to. */
export function allAt(element: Element, ...path: readonly string[]): Element[] {
  let found = [element];
  for (const name of path)
    found = found.flatMap(({ children }) => children.filter((one) => one.name === name));
  return found;
}

/** The first element that a path of names leads to. */
export const firstAt = (element: Element, ...path: readonly string[]): Element | undefined =>
  allAt(element, ...path)[0];

/** The text of the first element that a path leads to, without blanks around it; null where there is none. */
export const textAt = (element: Element, ...path: readonly string[]): string | null =>
  firstAt(element, ...path)?.text.trim() || null;
