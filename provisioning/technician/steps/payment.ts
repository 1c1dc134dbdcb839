import { messageOf } from '../../../gateway/seams/error.ts';
import { fault, ok, StepFailure } from '../finding.ts';
import type { Step, StepContext } from '../step.ts';
import { waitFor } from '../wait.ts';
import type { GatewayOperation } from '../world.ts';

/** Longer than the box ever stays silent about an operation. */
const outcomeWithinMs = 8 * 60_000;

/** A payment of 1.00 and its reversal, if somebody has said yes to it in so many words. */
export const payment: Step = {
  name: 'payment',
  title: 'stepPayment',
  kind: 'change',
  plan: 'planPayment',
  // Begun: whatever is said now, what became of it has to be known.
  isWanted: ({ answers, person, progress }) =>
    answers.testPayment || person !== null || progress.payment !== null,
  isDone: ({ progress }) => progress.payment?.isOver === true,
  async do(context) {
    const { world, progress, person, answers } = context;
    // Asked for once, it was tried once: a boot on another day does not ask a customer for 1.00.
    if (progress.payment === null && progress.declined !== null && context.isByItself)
      throw new StepFailure(
        progress.declined.outcome === 'unknown'
          ? fault('paymentOpen')
          : fault('paymentNot', progress.declined),
      );
    if (progress.payment === null && !answers.testPayment && !(await person?.confirm('askPayment')))
      return [];
    // Before it is sent: after a power cut the same payment is asked for, not another one.
    progress.payment ??= {
      id: world.newOperationId(),
      reversal: world.newOperationId(),
      invoice: null,
      isOver: false,
    };
    progress.declined = null;
    context.keep();
    const { id, reversal } = progress.payment;
    const paid = await outcomeOf(context, id);
    if (paid.outcome === 'unknown' || paid.outcome === null) throw new StepFailure(fault('paymentOpen'));
    if (paid.outcome !== 'approved') {
      // No money moved: the next try is another payment.
      progress.payment = null;
      progress.declined = wordsOf(paid);
      context.keep();
      throw new StepFailure(fault('paymentNot', wordsOf(paid)));
    }
    const invoice = paid.invoice ?? '?';
    progress.payment.invoice = invoice;
    context.keep();
    const back = await outcomeOf(context, reversal, id);
    if (back.outcome !== 'approved') {
      if (back.outcome !== 'unknown' && back.outcome !== null)
        progress.payment.reversal = world.newOperationId();
      context.keep();
      throw new StepFailure(fault('reversalNot', { invoice, ...wordsOf(back) }));
    }
    progress.payment.isOver = true;
    return [ok('paid', { invoice }), ok('takenBack')];
  },
};

const wordsOf = ({ outcome, code, text }: GatewayOperation) => ({
  outcome: outcome ?? 'unknown',
  code: code ?? '',
  reason: text ?? '',
});

async function outcomeOf({ world }: StepContext, id: string, reverses?: string): Promise<GatewayOperation> {
  const { gateway, time } = world;
  try {
    await gateway.testPayment(id, reverses);
    return await waitFor(
      time,
      outcomeWithinMs,
      () => gateway.operation(id),
      ({ outcome }) => outcome !== null,
    );
  } catch (error) {
    throw new StepFailure(fault('gatewaySilent', { error: messageOf(error) }), fault('paymentOpen'));
  }
}
