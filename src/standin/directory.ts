/** The tenant's users: who may sign in, how the sign-in goes for them, and whose drive is whose. */

/** How the sign-in of a user goes, beside the password (protocol notes 1b, 1g). */
export type SignInFate =
  | 'normal'
  | 'mfa' // AADSTS50076, an MFA page in the browser flow
  | 'mfa-registration' // AADSTS50079
  | 'blocked' // AADSTS53003, Conditional Access
  | 'locked' // AADSTS50053
  | 'unmanaged'; // AADSTS65005

export interface StandinUser {
  /** Lower-case GUID. */
  readonly id: string;
  /** `user@contoso.com` */
  readonly upn: string;
  readonly displayName: string;
  password: string;
  /** Sessions and tokens issued before this instant are revoked (by the stand-in's clock). */
  revokedBeforeMs: number;
  realm: 'managed' | 'federated';
  fate: SignInFate;
}

export type NewUser = Partial<Pick<StandinUser, 'displayName' | 'password' | 'realm' | 'fate'>> & {
  readonly upn: string;
};

/** The password of every user that was made without one. */
export const STANDIN_PASSWORD = 'Stand-in & <pass>word';

export class Directory {
  readonly #users = new Map<string, StandinUser>();

  constructor(users: readonly NewUser[]) {
    for (const user of users) this.add(user);
  }

  get users(): readonly StandinUser[] {
    return [...this.#users.values()];
  }

  /** The user whose drive the stand-in's `url` points at. */
  get first(): StandinUser {
    return this.users[0]!;
  }

  add(user: NewUser): StandinUser {
    const made: StandinUser = {
      id: idOf(this.#users.size + 1),
      upn: user.upn,
      displayName: user.displayName ?? user.upn.replace(/@.*/, ''),
      password: user.password ?? STANDIN_PASSWORD,
      revokedBeforeMs: 0,
      realm: user.realm ?? 'managed',
      fate: user.fate ?? 'normal',
    };
    this.#users.set(made.upn.toLowerCase(), made);
    return made;
  }

  /** By user principal name, in any case. */
  find(upn: string): StandinUser | undefined {
    return this.#users.get(upn.trim().toLowerCase());
  }
}

/** `user@contoso.com` becomes `user_contoso_com` in the path of the personal site (protocol notes 2). */
export function personalSegment(upn: string): string {
  return upn.replace(/[@.]/g, '_');
}

function idOf(number: number): string {
  return `5a1e0000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}
