/** Reads a heap snapshot of V8. */
import { readFileSync } from 'node:fs';

// V8's own: code comes and goes with what its compilers do, whatever the program keeps.
const ofTheCompiler = ['code', 'hidden', 'object shape', 'synthetic'];

interface Snapshot {
  snapshot: { meta: { node_fields: string[]; node_types: [string[], ...unknown[]] } };
  nodes: number[];
}

/** The bytes of all that the program keeps alive: objects, closures, arrays, strings and native data, no code. */
export function liveBytes(snapshotFile: string): number {
  const { snapshot, nodes } = JSON.parse(readFileSync(snapshotFile, 'utf8')) as Snapshot;
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const [typeAt, sizeAt] = [fields.indexOf('type'), fields.indexOf('self_size')];
  const left = new Set(types[0].map((name, type) => (ofTheCompiler.includes(name) ? type : -1)));
  let bytes = 0;
  for (let at = 0; at < nodes.length; at += fields.length)
    if (!left.has(nodes[at + typeAt] ?? -1)) bytes += nodes[at + sizeAt] ?? 0;
  return bytes;
}
