/** A person at this window, asked by @clack/prompts. */
import { confirm, isCancel, password, select, text } from '@clack/prompts';
import { fault, StepFailure } from '../../../provisioning/technician/finding.ts';
import type { Person } from '../../../provisioning/technician/step.ts';
import { type Language, say } from '../../../provisioning/technician/texts/texts.ts';

/** Makes it. */
export function personHere(language: Language): Person {
  const kept = <Value>(answer: Value): Exclude<Value, symbol> => {
    if (isCancel(answer)) throw new StepFailure(fault('cancelled'));
    return answer as Exclude<Value, symbol>;
  };
  return {
    async text(question, { initial, secret = false, check = () => null } = {}) {
      const validate = (typed: string | undefined): string | undefined => {
        const wrong = check((typed ?? '').trim());
        return wrong === null ? undefined : say(language, wrong);
      };
      const message = say(language, question);
      const answer = secret
        ? await password({ message, validate })
        : await text({ message, validate, ...(initial === undefined ? {} : { initialValue: initial }) });
      return (kept(answer) ?? '').trim();
    },
    async confirm(question, values) {
      const message = say(language, question, values);
      return kept(await confirm({ message, initialValue: false, ...yesNo[language] }));
    },
    async choose(question, options) {
      return kept(await select({ message: say(language, question), options: [...options] }));
    },
  };
}

const yesNo = { uk: { active: 'Так', inactive: 'Ні' }, en: { active: 'Yes', inactive: 'No' } } as const;
