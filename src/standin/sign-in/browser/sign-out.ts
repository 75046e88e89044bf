/** Single sign-out: the cookies of the SharePoint host, then those of the login host (protocol notes 1g). */
import type { StandinRequest } from '../../request.js';
import { replyPage, replyRedirect, withCookies } from '../answers.js';
import type { Desk } from '../desk.js';
import { clearedCookies } from '../site-cookies.js';
import { clearedLoginCookies } from './login-session.js';
import { messagePage } from './pages.js';

/** `/_layouts/15/SignOut.aspx`. */
export function signOutOfSite(desk: Desk, request: StandinRequest): Promise<void> {
  desk.log.add('signed-out');
  const logout = `${desk.hosts.originOf('login', request)}/common/oauth2/logout`;
  return replyRedirect(request, logout, clearedCookies(desk, request));
}

/** `/{tenant}/oauth2/logout` and `/oauth2/v2.0/logout`; tokens stay as they are. */
export function signOutOfLogin(desk: Desk, request: StandinRequest): Promise<void> {
  const page = messagePage(
    'You signed out of your account',
    "It's a good idea to close all browser windows.",
  );
  return replyPage(request, page, withCookies(clearedLoginCookies(desk, request)));
}
