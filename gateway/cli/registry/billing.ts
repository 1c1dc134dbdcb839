/** All daily work with bills. */
import { billingArrearWorks } from './billing-arrears.ts';
import { billingBuyerWorks } from './billing-buyers.ts';
import { billingCreditWorks } from './billing-credit.ts';
import { billingPaperWorks } from './billing-papers.ts';
import { billingPauseWorks } from './billing-pauses.ts';
import { billingPayWorks } from './billing-pay.ts';
import { billingPlanWorks } from './billing-plans.ts';
import { billingRunWorks } from './billing-run.ts';
import { billingEntryWorks } from './billing-statement.ts';
import type { Work } from './work.ts';

/** In the order of the help. */
export const billingWorks: readonly Work[] = [
  ...billingRunWorks,
  ...billingPaperWorks,
  ...billingPayWorks,
  ...billingEntryWorks,
  ...billingArrearWorks,
  ...billingCreditWorks,
  ...billingPlanWorks,
  ...billingPauseWorks,
  ...billingBuyerWorks,
];
