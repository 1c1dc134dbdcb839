/** `npm run picture`: draws docs/panel-patterns.svg from the table of patterns. */
import { writeFileSync } from 'node:fs';
import { drawPatterns } from './picture.ts';

writeFileSync(new URL('../../docs/panel-patterns.svg', import.meta.url), drawPatterns());
