/** What is heard of the box while it runs: its results, and what it acknowledges. */
import type { Result } from '../../gateway/contract/result.ts';
import { topicsOf } from '../../gateway/contract/topics.ts';
import { otherOrder } from './acts.ts';
import { box } from './names.ts';
import { kidOf } from './signed-results.ts';
import type { Simulation } from './simulation.ts';
import { textOf } from './violation.ts';

type CommandText = { id: string; order?: string };

const topics = topicsOf(box);

/** Passes on what the box says to everybody who waits for it, and to those who watch it. */
export function listen(simulation: Simulation): void {
  const { world, violations, witness, sales, owner, side } = simulation;
  const { broker } = world;
  const heard = broker.onPublish;
  const told = (result: Result): void => {
    sales.hear(result);
    owner.hear(result);
  };
  broker.onPublish = (topic, payload) => {
    const before = world.results.length;
    try {
      heard(topic, payload);
      if (topic === topics.results) side?.rights.published(payload);
    } catch (error) {
      violations.report('3.3', '', textOf(error));
    }
    for (const result of world.results.slice(before)) told(result);
  };
  broker.onPuback = ({ topic, payload }) => {
    const text = Buffer.from(payload).toString('latin1');
    if (topic === topics.registry) return side?.acknowledged(text);
    if (topic !== topics.commands) return;
    // Of a key that is not one, nothing is taken in.
    if (side?.rights.isSteady(kidOf(text)) === false) return;
    const [, content = ''] = text.split('.');
    const { id, order } = JSON.parse(Buffer.from(content, 'base64url').toString()) as CommandText;
    if (order === otherOrder) witness.acknowledgedOther(id);
    else witness.acknowledged(id);
  };
}
