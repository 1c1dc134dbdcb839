import type { HttpReply } from '../../../gateway/cloud/registration/asking.ts';
import type { ProblemCode, RegistrationAnswer } from '../../../gateway/contract/registration.ts';

/** What comes back to the box, and what is known of it by whoever made it. */
export interface Said {
  reply: HttpReply;
  /** What is signed in it, if it is of the form that the contract has; null: nothing that may be believed. */
  answer: RegistrationAnswer | null;
  /** The key that has really signed it. */
  signer: string | null;
  problem?: { code: ProblemCode; count: number | undefined };
}
