/** The config's `desk`: where the LAN link listens, and whom its answers may go to. */
import * as v from 'valibot';

const listenAllowed =
  'ADDRESS:PORT with an IP address of this box, such as "192.168.1.10:8480" or "[fd00::10]:8480", port 1 to 65535';
const addressAndPort = /^(?:(\d{1,3}(?:\.\d{1,3}){3})|\[([0-9a-fA-F:]{2,39})\]):(\d{1,5})$/;

/** The address and the port of `listen`; null when it is not one. */
export function listenOf(text: string): { host: string; port: number } | null {
  const [, v4, v6, digits] = addressAndPort.exec(text) ?? [];
  const port = Number(digits);
  const host = v4 ?? v6;
  if (host === undefined || port < 1 || port > 65_535) return null;
  return URL.canParse(`http://${v4 ?? `[${v6}]`}:${port}`) && isIpv4OrNot(v4) ? { host, port } : null;
}

// A URL parser takes 300.1.1.1 for an error, and 010.1.1.1 for octal.
const isIpv4OrNot = (v4: string | undefined): boolean =>
  v4 === undefined || v4.split('.').every((part) => Number(part) <= 255 && String(Number(part)) === part);

const originAllowed =
  'an origin such as "https://shop.example": scheme, host, port if it is not the usual one';
const origin = v.pipe(
  v.string(originAllowed),
  v.maxLength(300, originAllowed),
  v.check(
    // No wildcard is one: it would never be equal to what a browser says.
    (text) =>
      /^https?:\/\/[a-z0-9.:[\]-]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text,
    originAllowed,
  ),
);
const origins = v.optional(
  v.pipe(v.array(origin, 'a list of origins'), v.maxLength(64, 'at most 64 origins')),
  [],
);

const hostAllowed = 'a host name such as "kassa.local", in small letters, without a port';
const host = v.pipe(
  v.string(hostAllowed),
  v.regex(/^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,62})?(\.[a-z0-9]([a-z0-9-]{0,62})?)*$/, hostAllowed),
);

/** The desk on the local network; null: there is none. */
export const deskConfigSchema = v.strictObject({
  listen: v.pipe(
    v.string(listenAllowed),
    v.check((text) => listenOf(text) !== null, listenAllowed),
  ),
  /** Names by which the box may be called, beside the address that it is reached at. */
  hosts: v.optional(v.pipe(v.array(host, 'a list of host names'), v.maxLength(16, 'at most 16 names')), []),
  /** Where a pay link may send the browser back to. */
  callbacks: origins,
  /** Whose pages may call the API (CORS). */
  origins,
});

/** The desk's config, defaults filled in. */
export type DeskConfig = v.InferOutput<typeof deskConfigSchema>;
