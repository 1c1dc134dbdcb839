import { StatementFault } from '../fault.ts';
import type { Unreferenced } from '../references.ts';
import type { StatementLimits } from '../shapes.ts';
import { Balances } from './balances.ts';
import { type Movement, readEntry } from './entries.ts';
import { type Element, textAt } from './tree.ts';

const namespaceForm = /^urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.(0[2-9]|1[0-3])$/;
const mostDepth = 40;
/** Of one `Ntry`: a batch of many payments has many. */
const mostElements = 500_000;

/** What somebody writes freely. However long it is, it is no fault of the file: less of it is kept. */
const free = new Set(['Ustrd', 'AddtlRmtInf', 'AddtlTxInf', 'AddtlNtryInf', 'Nm']);

interface Open {
  account: string | null;
  line: number;
  balances: Balances;
  movements: Movement[];
}

/** Puts entries together from what the parser tells. Only one entry at a time is held as a tree. */
export class StatementBuilder {
  readonly entries: Unreferenced[] = [];
  notBooked = 0;
  readonly #limits: StatementLimits;
  #namespace = '';
  #depth = 0;
  /** Below an element of another namespace, or one that nobody needs. */
  #skipDepth: number | null = null;
  #statement: Open | null = null;
  #path: Element[] = [];
  #elements = 0;

  constructor(limits: StatementLimits) {
    this.#limits = limits;
  }

  /** An element begins. */
  open(name: string, namespace: string, currency: string | null, line: number): void {
    this.#depth += 1;
    if (this.#depth > mostDepth)
      throw new StatementFault(line, name, 'more levels', `at most ${mostDepth} levels of elements`);
    if (this.#skipDepth !== null) return;
    if (this.#depth === 1) this.#root(name, namespace, line);
    else if (this.#depth === 2) this.#message(name, namespace, line);
    else if (namespace !== this.#namespace) this.#skipDepth = this.#depth;
    else if (this.#depth === 3) this.#section(name, line);
    else if (this.#depth === 4 && !['Acct', 'Bal', 'Ntry'].includes(name)) this.#skipDepth = this.#depth;
    else this.#grow({ name, line, currency, text: '', children: [] });
  }

  /** Text within an element. */
  text(text: string, line: number): void {
    const inner = this.#path.at(-1);
    if (inner === undefined || this.#skipDepth !== null) return;
    inner.text += text;
    if (inner.text.length > this.#limits.text && !free.has(inner.name))
      throw new StatementFault(line, inner.name, inner.text, `at most ${this.#limits.text} characters`);
  }

  /** An element ends. */
  close(): void {
    if (this.#skipDepth === this.#depth) this.#skipDepth = null;
    else if (this.#skipDepth === null) {
      const done = this.#path.pop();
      if (done !== undefined && this.#path.length === 0) this.#take(done);
      else if (this.#depth === 3 && this.#statement !== null) this.#finish(this.#statement);
    }
    this.#depth -= 1;
  }

  #root(name: string, namespace: string, line: number): void {
    if (name !== 'Document' || !namespaceForm.test(namespace))
      throw new StatementFault(line, name, namespace, 'a Document of camt.053.001.02 to camt.053.001.13');
    this.#namespace = namespace;
  }

  #message(name: string, namespace: string, line: number): void {
    if (name !== 'BkToCstmrStmt' || namespace !== this.#namespace)
      throw new StatementFault(line, 'Document', name, 'BkToCstmrStmt');
  }

  #section(name: string, line: number): void {
    if (name === 'Stmt') this.#statement = { account: null, line, balances: new Balances(), movements: [] };
    else this.#skipDepth = this.#depth;
  }

  #grow(element: Element): void {
    const parent = this.#path.at(-1);
    if (parent === undefined) this.#elements = 0;
    else parent.children.push(element);
    this.#elements += 1;
    if (this.#elements > mostElements)
      throw new StatementFault(element.line, element.name, 'more', `at most ${mostElements} elements in one`);
    this.#path.push(element);
  }

  /** An account, a balance or an entry is complete. */
  #take(element: Element): void {
    const statement = this.#statement;
    if (statement === null) return;
    if (element.name === 'Bal') statement.balances.add(element);
    else if (element.name === 'Acct') {
      const own = textAt(element, 'Id', 'IBAN') ?? textAt(element, 'Id', 'Othr', 'Id');
      statement.account = own?.replace(/\s+/g, '').toUpperCase() ?? null;
    } else this.#entry(statement, element);
  }

  #entry(statement: Open, element: Element): void {
    const read = readEntry(element);
    if (read === null) {
      this.notBooked += 1;
      return;
    }
    statement.balances.moved(read.currency, read.signed);
    for (const movement of read.movements) statement.movements.push(movement);
    if (this.entries.length + statement.movements.length > this.#limits.entries)
      throw new StatementFault(element.line, 'Ntry', 'more', `at most ${this.#limits.entries} entries`);
  }

  #finish(statement: Open): void {
    const { account, movements, balances, line } = statement;
    if (account === null || !/^[A-Z0-9]{1,34}$/.test(account))
      throw new StatementFault(line, 'Stmt/Acct/Id', account ?? undefined, 'the IBAN of the account');
    balances.check();
    for (const movement of movements) this.entries.push({ ...movement, account });
    this.#statement = null;
  }
}
