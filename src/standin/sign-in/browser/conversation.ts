/**
 * A sign-in that somebody has begun in a browser: what it is for and how far it came. Its handle travels through the
 * forms as `ctx`.
 */
import type { StandinUser } from '../../directory.js';
import type { RandomSource } from '../../random-source.js';
import { BoundedMap } from '../bounded-map.js';
import type { AuthorizeRequest } from './authorize-request.js';

/** A page (hop 4 of protocol notes 1g), an application's code, or a device that shows a code. */
export type Purpose =
  | { readonly kind: 'authorize'; readonly wanted: AuthorizeRequest }
  | { readonly kind: 'device'; readonly userCode: string };

export interface Conversation {
  readonly context: string;
  readonly purpose: Purpose;
  userName: string;
  /** Known once the password, ADFS, or an earlier session has proved it. */
  user: StandinUser | null;
  mfaDone: boolean;
  /** Somebody has to do this although nothing about the user asks for it. */
  pending: 'mfa' | 'terms' | null;
  /** null until somebody answered "Stay signed in?". */
  persistent: boolean | null;
  /** Some page was shown to a person on the way. */
  interactive: boolean;
}

const CONVERSATION_LIMIT = 1_000;

export class Conversations {
  readonly #random: RandomSource;
  readonly #open = new BoundedMap<Conversation>(CONVERSATION_LIMIT);

  constructor(random: RandomSource) {
    this.#random = random;
  }

  begin(purpose: Purpose, userName = ''): Conversation {
    const context = this.#random.bytes(48).toString('base64');
    const conversation: Conversation = {
      context,
      purpose,
      userName,
      user: null,
      mfaDone: false,
      pending: null,
      persistent: null,
      interactive: false,
    };
    this.#open.set(context, conversation);
    return conversation;
  }

  find(context: string | null): Conversation | undefined {
    return context === null ? undefined : this.#open.get(context);
  }

  end(conversation: Conversation): void {
    this.#open.delete(conversation.context);
  }
}
