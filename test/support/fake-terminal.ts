/** A terminal at the payments' seam, moved by hand: for what no protocol and no simulator would do. */
import type { OperationType } from '../../gateway/contract/command.ts';
import type { TerminalState } from '../../gateway/contract/event.ts';
import type {
  Attempt,
  AttemptObserver,
  Baseline,
  EvidenceReading,
  NoReading,
  ReceiptReading,
  Terminal,
  TerminalAnswer,
  TerminalIdentity,
  TerminalListener,
  TerminalRequest,
} from '../../gateway/payments/terminal-port.ts';

/** See the module. */
export class FakeTerminal implements Terminal {
  now: TerminalState = 'ready';
  keyNow = 'PAX|s800|T1';
  baseline: Baseline | NoReading = { kind: 'receipt', invoice: '100', mark: 'mark-100' };
  receipt: ReceiptReading = { kind: 'notFound' };
  evidence: EvidenceReading = { kind: 'notReady' };
  /** How often evidence was asked for. */
  gathered = 0;
  observer: AttemptObserver | null = null;
  sent: TerminalRequest[] = [];
  interrupts = 0;
  #listener: TerminalListener | null = null;

  state = (): TerminalState => this.now;
  identity = (): TerminalIdentity => ({ vendor: 'PAX', model: 's800', software: 'TE7E132', id: 'T1' });
  key = (): string => this.keyNow;
  supports = (): readonly OperationType[] => [
    'payment',
    'refund',
    'reversal',
    'totals',
    'receipt',
    'reconciliation',
  ];
  listen(listener: TerminalListener): void {
    this.#listener = listener;
  }
  start(): void {}
  async stop(): Promise<void> {}
  readBaseline = async (): Promise<Baseline | NoReading> => this.baseline;
  readReceipt = async (): Promise<ReceiptReading> => this.receipt;

  open(request: TerminalRequest, observer: AttemptObserver): Attempt {
    if (this.observer !== null) throw new Error('an attempt is open already');
    this.observer = observer;
    return {
      send: () => void this.sent.push(request),
      interrupt: () => {
        this.interrupts += 1;
        return true;
      },
      close: () => {
        if (this.observer === observer) this.observer = null;
      },
    };
  }

  async gatherEvidence(): Promise<EvidenceReading> {
    this.gathered += 1;
    return this.evidence;
  }

  become(state: TerminalState): void {
    this.now = state;
    this.#listener?.changed();
  }

  stray(type: OperationType, answer: TerminalAnswer): void {
    this.#listener?.stray(type, answer);
  }

  identified(merchants: Record<string, string>): void {
    this.#listener?.identified(this.identity(), merchants);
  }
}
