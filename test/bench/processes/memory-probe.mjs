/** Preloaded into the gateway (`--import`): says how much memory it takes, and writes down what lives on its heap. */
import { readFileSync } from 'node:fs';
import { writeHeapSnapshot } from 'node:v8';

/** A size from proc(5), status, in bytes. */
const bytesOf = (name) => {
  const line = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'latin1'));
  return Number(line?.[1] ?? Number.NaN) * 1024;
};

process.on('message', ({ snapshot }) => {
  // V8 collects all garbage before it takes a snapshot.
  if (snapshot !== undefined) writeHeapSnapshot(snapshot);
  process.send({ rss: bytesOf('VmRSS'), rssMost: bytesOf('VmHWM') });
});
// The bench's channel must not keep the gateway alive.
process.channel?.unref();
