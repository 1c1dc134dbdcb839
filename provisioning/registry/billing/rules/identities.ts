/** Billing identities: a box's id, and with `.2`, `.3`, … behind it when the box was claimed again. */

/**
 * The identity that a box has when it comes for the very first time, whose claim decides about the trial. A box that was
 * somebody's under the identity of the one that it replaced never had it.
 */
export const firstIdentityOf = (billedAs: string): string => billedAs.replace(/\.\d+$/, '');
