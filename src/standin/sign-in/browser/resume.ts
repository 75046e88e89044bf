import type { Desk, LoginSessionDetail } from '../desk.js';
import type { Ticket } from '../ticket-store.js';
import type { Conversation } from './conversation.js';

/**
 * A conversation goes on where an earlier session of the login host left off; the switch `renewalNeeds` lets something
 * come in between, as a sign-in frequency, new terms or the question "Stay signed in?" do (protocol notes 1g).
 */
export function resume(desk: Desk, conversation: Conversation, session: Ticket<LoginSessionDetail>): void {
  const needs = desk.switches.renewalNeeds;
  conversation.userName = session.user.upn;
  conversation.persistent = needs === 'kmsi' ? null : session.detail.persistent;
  if (needs === 'password') return;
  conversation.user = session.user;
  conversation.mfaDone = session.detail.mfaDone && needs !== 'mfa';
  conversation.pending = needs === 'mfa' || needs === 'terms' ? needs : null;
}
