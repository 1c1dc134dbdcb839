// Loaded into a gateway by tests of its watchdog (NODE_OPTIONS=--import): on SIGUSR2 a part of it hangs, the one that
// the file of SWIPE_FAULT names. SWIPE_FAULT_PORT: the terminal's TCP port. Never part of a package.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

const { SWIPE_FAULT = '/run/swipe/fault', SWIPE_FAULT_PORT = '22000' } = process.env;
const hangs = new Set();
const { fdatasyncSync } = fs;
const { connect, destroy, end } = net.Socket.prototype;

// A sync that does not return, as of a card that has stopped answering.
fs.fdatasyncSync = (descriptor) => {
  if (hangs.has('journal')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  fdatasyncSync(descriptor);
};
// A connection to the terminal that never finishes closing. Its port is asked for while there is an answer.
net.Socket.prototype.connect = function (...words) {
  this.once('connect', () => this.remotePort);
  return connect.apply(this, words);
};
const isStuck = (socket) => hangs.has('terminal') && socket.remotePort === Number(SWIPE_FAULT_PORT);
net.Socket.prototype.end = function (...words) {
  return isStuck(this) ? this : end.apply(this, words);
};
net.Socket.prototype.destroy = function (...words) {
  return isStuck(this) ? this : destroy.apply(this, words);
};
syncBuiltinESMExports();

process.on('SIGUSR2', () => {
  hangs.add(fs.readFileSync(SWIPE_FAULT, 'utf8').trim());
  while (hangs.has('loop'));
});
