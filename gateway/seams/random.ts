/** Where randomness comes from: the system's in a box, a seeded one in a simulation. */
export interface Random {
  /** A number from 0 (included) to 1 (excluded). For jitter, not for secrets. */
  fraction(): number;
  /** Unpredictable bytes, for keys and names. */
  bytes(length: number): Uint8Array;
}
