/** The same request, whose answer will carry some more cookies than it is given. */
import type { Answer, StandinRequest } from '../../request.js';

export function withSetCookies(request: StandinRequest, cookies: readonly string[]): StandinRequest {
  return new Proxy(request, {
    get(target, name) {
      if (name === 'reply') return (answer: Answer) => target.reply(adding(answer, cookies));
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function adding(answer: Answer, cookies: readonly string[]): Answer {
  const given = answer.headers?.['Set-Cookie'];
  const before = given === undefined ? [] : typeof given === 'object' ? given : [String(given)];
  return { ...answer, headers: { ...answer.headers, 'Set-Cookie': [...before, ...cookies] } };
}
