/** What may be written a little later, with the next transaction. */

/** How many delivery marks wait at most; beyond, the oldest is dropped, and that result is told once more. */
export const pendingMarksLimit = 1024;

/** Delivery marks and a trusted time that are not on disk yet. */
export class Pending {
  readonly #marks = new Set<number>();
  #trustedMs = 0;

  get isEmpty(): boolean {
    return this.#marks.size === 0 && this.#trustedMs === 0;
  }

  get marks(): ReadonlySet<number> {
    return this.#marks;
  }

  get trustedMs(): number {
    return this.#trustedMs;
  }

  mark(sequence: number): void {
    this.#marks.add(sequence);
    const [oldest] = this.#marks;
    if (this.#marks.size > pendingMarksLimit && oldest !== undefined) this.#marks.delete(oldest);
  }

  noteTime(nowMs: number): void {
    this.#trustedMs = Math.max(this.#trustedMs, nowMs);
  }

  clear(): void {
    this.#marks.clear();
    this.#trustedMs = 0;
  }
}
