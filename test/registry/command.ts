/** The registry as its command starts it, in a process of its own. */
import { writeFileSync } from 'node:fs';
import type { RegistrationAnswer } from '../../gateway/contract/registration.ts';
import { type Child, swipe } from '../support/child.ts';
import type { TestBox } from './world.ts';

/** Where one lives: its config and its directory. */
export interface Place {
  config: string;
  directory: string;
}

/** A registry's config in this empty directory, on SQLite and a free port. */
export function placeIn(directory: string): Place {
  const config = `${directory}/registry.json`;
  const parts = {
    listen: { port: 0 },
    database: { kind: 'sqlite', path: `${directory}/data/registry.db` },
    masterKeyFile: `${directory}/master.key`,
    authorityDir: `${directory}/authority`,
  };
  writeFileSync(config, JSON.stringify(parts));
  return { config, directory };
}

/** Starts the registry; where it listens. `running` takes it, for whoever ends what a test has left. */
export async function start({ config }: Place, running: Child[]): Promise<{ child: Child; url: string }> {
  const child = swipe(['registry', '--config', config]);
  running.push(child);
  const line = await child.out.find(
    (text) => text.includes('the registry listens'),
    'the registry to listen',
  );
  return { child, url: (JSON.parse(line) as { url: string }).url };
}

/** A piece of daily work; what it printed. Rejects with that when it ended badly. */
export async function work({ config }: Place, ...words: string[]): Promise<string> {
  const child = swipe(['registry', ...words, '--config', config]);
  const { code } = await child.exit;
  const said = child.said().toString().trim();
  if (code !== 0) throw new Error(said);
  return said;
}

/** Registers over HTTP; rejects with the problem. */
export async function register(url: string, box: TestBox, claim?: string): Promise<RegistrationAnswer> {
  const { csr: _csr, ...request } = box.request(claim === undefined ? {} : { claim });
  const response = await fetch(`${url}/v1/registrations`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/jose' },
    body: box.signed(request),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  const answer = JSON.parse(
    Buffer.from(text.split('.')[1] ?? '', 'base64url').toString(),
  ) as RegistrationAnswer;
  box.revision = answer.revision;
  return answer;
}
