#!/usr/bin/env node
// In a clone the sources run as they are, through tsx; the built package has dist/swipe.js instead.
import { register } from 'tsx/esm/api';

register();
await import('./index.ts');
