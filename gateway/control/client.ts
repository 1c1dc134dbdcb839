import { request } from 'node:http';
import { messageOf, SwipeError } from '../seams/error.ts';

const answerMaxBytes = 4 * 1024 * 1024;
const patienceMs = 5000;

/** What is posted, and for how long the answer may take. */
export interface Posted {
  body?: object;
  patienceMs?: number;
}

/**
 * Asks a running gateway over its control socket and returns the JSON of its answer.
 *
 * @throws SwipeError `controlUnreachable` when nobody answers, with what to do about it
 */
export function askGateway<Answer>(socketPath: string, path: string, posted?: Posted): Promise<Answer> {
  const timeout = posted?.patienceMs ?? patienceMs;
  const method = posted === undefined ? 'GET' : 'POST';
  return new Promise((resolve, reject) => {
    const fail = (why: string): void =>
      reject(
        new SwipeError(
          'controlUnreachable',
          `no gateway answers at ${socketPath} (${why}): start one with swipe gateway or swipe demo, or name its config with --config`,
        ),
      );
    const asked = request({ socketPath, path, method, timeout }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
        if (text.length > answerMaxBytes) asked.destroy(new Error('its answer is too long'));
      });
      response.on('end', () => {
        try {
          const answer = JSON.parse(text) as Answer & { error?: string };
          if (response.statusCode === 200) resolve(answer);
          else fail(answer.error ?? String(response.statusCode));
        } catch (error) {
          fail(messageOf(error));
        }
      });
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer in ${timeout / 1000} s`)));
    asked.on('error', (error) => fail(messageOf(error)));
    asked.end(posted?.body === undefined ? undefined : JSON.stringify(posted.body));
  });
}
