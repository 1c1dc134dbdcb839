import { type Finding, fault, ok, warning } from '../finding.ts';
import type { MachineFacts } from '../world.ts';

const megabyte = 1024 * 1024;
/** A year of a busy shop. */
const lowBytes = 256 * megabyte;
/** The journal's reserve, below which nothing new is accepted. */
const fullBytes = 8 * megabyte;

/** Whole megabytes, as people read them. */
export const megabytes = (bytes: number): number => Math.floor(bytes / megabyte);

/** What is to be said of the machine and its card. @param path where the state is kept */
export function machineFindings(facts: MachineFacts, path: string): Finding[] {
  const { model, serial, system, freeBytes } = facts;
  const findings: Finding[] = [
    ok('machineIs', { model: model ?? '?', serial: serial ?? '?', system: system ?? '?' }),
  ];
  if (!facts.isRoot) findings.push(fault('notRoot'));
  if (serial === null) findings.push(warning('noSerialNumber'));
  for (const place of facts.forgetting) findings.push(warning('diskForgets', { path: place }));
  if (facts.isReadOnly) findings.push(fault('diskReadOnly', { path }));
  if (freeBytes === null) return findings;
  const free = megabytes(freeBytes);
  if (freeBytes < fullBytes) findings.push(fault('diskFull', { free }));
  else if (freeBytes < lowBytes) findings.push(warning('diskLow', { free }));
  else findings.push(ok('diskFree', { free }));
  return findings;
}
