/** People who sign in with a browser elsewhere than where the program runs. */
import { STANDIN_PASSWORD } from '../../src/standin/index.js';
import { type AuthPlace, Person } from './auth-place.js';
import { type Got, type Sent, SignInClient } from './standin-sign-in.js';

const USER = { upn: 'user@contoso.com', password: STANDIN_PASSWORD };

/** Types the code that it is shown into a browser of its own. */
export class DevicePerson extends Person {
  readonly #place: AuthPlace;
  readonly #answer: 'continue' | 'cancel';
  readonly #upn: string;
  typing: Promise<unknown> = Promise.resolve();

  constructor(place: AuthPlace, answer: 'continue' | 'cancel' = 'continue', upn = USER.upn) {
    super();
    this.#place = place;
    this.#answer = answer;
    this.#upn = upn;
  }

  override tell(line: string): void {
    super.tell(line);
    const shown = /Open (\S+) in a browser.* code (\S+)$/.exec(line);
    if (shown) this.typing = this.#type(shown[1]!, shown[2]!);
  }

  async #type(page: string, code: string): Promise<void> {
    const browser = new SignInClient(this.#place.standin);
    let got = await browser.submit(await browser.browse(page), { otc: code });
    got = await browser.follow(await browser.submit(got, { loginfmt: this.#upn }));
    got = await browser.follow(await browser.submit(got, { passwd: STANDIN_PASSWORD }));
    if (got.text.includes('Stay signed in?')) {
      got = await browser.follow(await browser.submit(got, { LoginOptions: '3' }));
    }
    if (got.text.includes('name="answer"')) await browser.submit(got, { answer: this.#answer });
  }
}

/** Signs in in its own browser, which then comes back to the loopback address. */
export class BrowserPerson extends Person {
  page: URL | null = null;
  readonly shown: string[] = [];
  readonly #place: AuthPlace;
  readonly #change: (url: URL) => void;

  constructor(place: AuthPlace, change: (url: URL) => void = () => undefined) {
    super();
    this.#place = place;
    this.#change = change;
  }

  async openPage(page: URL): Promise<boolean> {
    this.page = page;
    const browser = new ComingBack(this.#place.standin);
    await browser.signIn(page.href, { ...USER, stay: true });
    const back = browser.back!;
    this.#change(back);
    back.hostname = '127.0.0.1';
    const answer = await fetch(back);
    this.shown.push(`${answer.status} ${await answer.text()}`);
    return true;
  }
}

/** Stops where the login host sends it back to the program. */
class ComingBack extends SignInClient {
  back: URL | null = null;

  override async send(url: string, sent?: Sent): Promise<Got> {
    if (new URL(url).hostname !== 'localhost') return super.send(url, sent);
    this.back = new URL(url);
    return { status: 200, headers: {}, text: '', setCookies: [], url };
  }
}
