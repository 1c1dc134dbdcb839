/** The times and bounds of the payments, in one place. */

/** After this long without an outcome since the break, `unknown` is told (invariant 2). */
export const patienceMs = 60_000;

/**
 * A terminal that has not come back for this long leaves the decision to a person: its evidence counts as
 * exhausted, so that a broken or exchanged terminal does not block the checkout for ever.
 */
export const giveUpMs = 10 * 60_000;

/** How coarsely the last contact is kept on disk while an operation runs. */
export const contactNoteMs = 30_000;

/** How often an outcome that found no room on disk is tried again. */
export const tellRetryMs = 2_000;

/** Pauses between attempts to gather evidence from a terminal that says it is ready: the first, and the longest. */
export const gatherRetryMs = { first: 1_000, longest: 15_000 } as const;

/** A command may be issued at most this far ahead of the box's time (docs/contract.md). */
export const issuedAheadMs = 2 * 60_000;
