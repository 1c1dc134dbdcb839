/** How long the registry takes to start: with all boxes, and with none. */
import { median, short } from '../numbers.ts';
import type { Row } from '../report.ts';
import type { Site } from './site.ts';

const starts = 5;
const ratioMax = 1.2;

/** The row about starts: in turn; the first of each is not counted. */
export async function measureStarts(full: Site, empty: Site): Promise<Row> {
  const took: [number[], number[]] = [[], []];
  for (let round = 0; round <= starts; round += 1)
    for (const [at, site] of [full, empty].entries()) {
      const { child, tookMs } = await site.start();
      if (round > 0) took[at as 0 | 1].push(tookMs);
      await child.stop();
    }
  const [all, none] = [median(took[0]), median(took[1])];
  return {
    what: 'start with all boxes to start with none',
    goal: `at most ${ratioMax}`,
    value: `${short(all / none)} (${short(all)} ms to ${short(none)} ms)`,
    met: all / none <= ratioMax,
  };
}
