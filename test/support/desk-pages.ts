/** The desk's pages as a test reads them: without a browser. */
import type { DeskBox } from './desk-box.ts';

/** What a page shows. */
export interface Shown {
  status: number;
  text: string;
  heading: string;
  headers: Headers;
  token: string;
}
/** Reads a page. */
export async function read(response: Response): Promise<Shown> {
  const text = await response.text();
  return {
    status: response.status,
    text,
    heading: /<h1[^>]*>([^<]*)</.exec(text)?.[1] ?? '',
    headers: response.headers,
    token: /name="token" value="([^"]+)"/.exec(text)?.[1] ?? '',
  };
}
/** Asks for a page, in English unless other headers say otherwise. */
export const show = async (box: DeskBox, path: string, headers = {}): Promise<Shown> =>
  read(await box.get(path, { 'accept-language': 'en', ...headers }));

/** Presses the button, as a browser does. A header that is empty is left out. */
export function press(
  box: DeskBox,
  jws: string,
  token: string,
  changed: Record<string, string> = {},
): Promise<Response> {
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    origin: box.url,
    'sec-fetch-site': 'same-origin',
    ...changed,
  };
  return fetch(`${box.url}/payNow?lang=en`, {
    method: 'POST',
    redirect: 'manual',
    headers: Object.entries(headers).filter(([, value]) => value !== ''),
    body: new URLSearchParams({ order: jws, token }).toString(),
  });
}
