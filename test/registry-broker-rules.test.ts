import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSwipeError } from '../gateway/seams/error.ts';
import { systemTime } from '../gateway/system/time.ts';
import { isAsWished, readAnswers } from '../provisioning/registry/broker/dynamic-security.ts';
import { createPace } from '../provisioning/registry/broker/pace.ts';
import { changesFor, roleChanges } from '../provisioning/registry/broker/principals.ts';
import { boxRole, saleSystemRole } from '../provisioning/registry/broker/roles.ts';
import { createTrustFiles, reloadByPidFile } from '../provisioning/registry/broker/trust-files.ts';
import { testAuthority } from './support/certificates.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('registry broker: rules');
const tempDir = tempDirs(test);

const box = 'SW-7K3M9QXA2BCD';
const role = boxRole(box);
const shownRole = { rolename: role.rolename, acls: role.acls.map((acl) => ({ ...acl, allow: true })) };
const shownClient = { username: box, disabled: false, roles: [{ rolename: role.rolename }], groups: [] };
const nowMs = Date.parse('2026-11-21T10:00:00.000Z');

test('nothing is done where all is as it should be, in whatever order it stands', () => {
  const turned = { ...shownRole, acls: [...shownRole.acls].reverse() };
  assert.equal(changesFor({ username: box, role }, { role: turned, client: shownClient }), []);
});

test('each fault has its repair, and a session is ended only where its rights were wrong', () => {
  const principal = { username: box, role };
  const commands = (found: Parameters<typeof changesFor>[1]): string[] =>
    changesFor(principal, found).map(({ command }) => command);
  assert.equal(commands({ role: null, client: null }), ['createRole', 'createClient']);
  assert.equal(commands({ role: shownRole, client: null }), ['createClient']);
  assert.equal(commands({ role: { ...shownRole, acls: [] }, client: shownClient }), ['modifyRole']);
  const client = shownClient;
  assert.equal(commands({ role: shownRole, client: { ...client, disabled: true } }), ['enableClient']);
  assert.equal(commands({ role: shownRole, client: { ...client, roles: [] } }), ['modifyClient']);
  assert.equal(commands({ role: shownRole, client: { ...client, groups: [{ groupname: 'g' }] } }), [
    'modifyClient',
  ]);
});

test('a role that does not fit into one message is changed line by line', () => {
  const boxes = Array.from({ length: 300 }, (_, at) => `SW-${String(at).padStart(12, '0')}`);
  const large = saleSystemRole('SS-1', boxes);
  const created = roleChanges(large, null);
  assert.equal(created[0], { command: 'createRole', rolename: 'saleSystem:SS-1', acls: [] });
  assert.is(created.length, 1 + 300 * 7);
  const found = { rolename: large.rolename, acls: large.acls.map((acl) => ({ ...acl, allow: true })) };
  const moved = roleChanges(saleSystemRole('SS-1', [...boxes.slice(1), box]), found);
  assert.equal(
    moved.map(({ command }) => command),
    [...Array(7).fill('removeRoleACL'), ...Array(7).fill('addRoleACL')],
  );
});

test("the plugin's words are understood, and nothing else is taken for them", () => {
  const answer = (error?: string) => ({ command: 'x', ...(error === undefined ? {} : { error }) });
  for (const error of [
    undefined,
    'Role already exists',
    'Client not found',
    'ACL with this topic already exists',
    'ACL not found',
  ])
    assert.ok(isAsWished(answer(error)), error);
  for (const error of ['Internal error', 'Invalid/missing username', '', 'not found'])
    assert.not.ok(isAsWished(answer(error)), error);
  for (const payload of ['', 'null', '{}', '{"responses":{}}', '{"responses":[{"command":1}]}'])
    assert.is(readAnswers(Buffer.from(payload)), null);
});

test('the slower the broker, the less it is given at a time; never nothing, never more than fifty', async () => {
  let atMs = 0;
  const pace = createPace({ nowMs: () => 0, monotonicMs: () => atMs });
  const takes = async (eachMs: number): Promise<number> => {
    const count = pace.count();
    await pace.measure(count, async () => {
      atMs += eachMs * count;
    });
    return count;
  };
  for (const expected of [4, 8, 16, 32, 50, 50]) assert.is(await takes(1), expected);
  await takes(100);
  assert.is(await takes(100), 2);
  await takes(5000);
  assert.is(await takes(5000), 1);
});

test('lists and CAs are written as they belong together, or not at all', async () => {
  const directory = tempDir();
  const authority = await testAuthority(directory, nowMs);
  const [crlFile, caFile] = [join(directory, 'crl.pem'), join(directory, 'ca.pem')];
  let reloads = 0;
  let failing = false;
  const files = createTrustFiles({
    crlFile,
    caFile,
    async reload() {
      if (failing) throw new Error('no broker');
      reloads += 1;
    },
    clock: { nowMs: () => nowMs },
  });
  assert.is(files.validity(), null);
  const cas = await authority.trustedCas();
  const crl = await authority.crl([], 1, nowMs);
  await files.publish({ cas, crl });
  await files.publish({ cas, crl });
  assert.is(reloads, 1);
  assert.is(readFileSync(crlFile, 'utf8'), crl);
  assert.is(readFileSync(caFile, 'utf8'), cas.join(''));
  assert.is(statSync(crlFile).mode & 0o777, 0o644);
  for (const wrong of [
    { cas, crl: '' },
    { cas: [], crl },
    { cas: [...cas, ...cas], crl },
    { cas: ['rubbish'], crl },
  ])
    assert.ok(isSwipeError(await files.publish(wrong).catch((error) => error), 'registryUnfit'));

  // A broker that could not be told is told the next time, although the files are written.
  failing = true;
  const next = { cas, crl: await authority.crl([], 2, nowMs) };
  assert.match(String(await files.publish(next).catch((error) => error)), /no broker/);
  failing = false;
  await files.publish(next);
  assert.is(reloads, 2);
  // What another instance made earlier comes too late.
  await files.publish({ cas, crl });
  assert.is(readFileSync(crlFile, 'utf8'), next.crl);
  // Unless the one that is there comes from a clock that was wrong, or is damaged.
  writeFileSync(crlFile, await authority.crl([], 3, nowMs + 86_400_000));
  await files.publish(next);
  assert.is(readFileSync(crlFile, 'utf8'), next.crl);
  writeFileSync(crlFile, 'rubbish');
  await files.publish(next);
  assert.is(readFileSync(crlFile, 'utf8'), next.crl);
});

test('only a process that a pid file names is told', async () => {
  const file = join(mkdtempSync(join(tempDir(), 'pid-')), 'pid');
  const told = reloadByPidFile(file);
  for (const text of [null, '', '0', '-1', '1', 'x', '99999999999']) {
    if (text !== null) writeFileSync(file, text);
    assert.ok(isSwipeError(await told().catch((error) => error), 'brokerUnreachable'), String(text));
  }
  // A handler alone does not keep Node from ending.
  const cancel = systemTime.after(60_000, () => {});
  const heard = new Promise<void>((resolve) => process.once('SIGHUP', () => resolve()));
  writeFileSync(file, `${process.pid}\n`);
  await told();
  await heard;
  cancel();
});

test.run();
