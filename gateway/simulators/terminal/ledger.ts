/** What a movement of money was. */
export type MovementKind =
  | 'sale'
  | 'cash'
  | 'refund'
  | 'reversal'
  | 'preauthorization'
  | 'completion'
  | 'instalment'
  | 'instalmentRefund';

/** One movement of money as the bank has it. */
export interface Movement {
  kind: MovementKind;
  /** Minor units. */
  amount: number;
  /** The receipt it belongs to; for a reversal the receipt that is taken back. */
  invoice: string;
  rrn: string;
  merchant: string;
  /** True time, whatever the terminal's own clock says. */
  atMs: number;
  /** Asked for over the link; false: keyed in on the terminal. */
  ours: boolean;
  /** A reversal that nobody asked for: the terminal took its own operation back. */
  automatic: boolean;
}

/** The bank's own record of one terminal: what an oracle holds the gateway's results against. */
export class Ledger {
  readonly #movements: Movement[] = [];

  /** Every movement, oldest first. */
  movements(): readonly Movement[] {
    return this.#movements;
  }

  move(movement: Movement): void {
    this.#movements.push(movement);
  }
}
