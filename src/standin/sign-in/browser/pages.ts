/** The pages of the login host that need a person, with the field names and ids of the real ones (protocol notes 1g). */
import { escapeMarkup } from '../escape.js';
import { errorLine, hiddenInput, pageShell } from './page-shell.js';

/** A form's target, and the handle of the conversation that it goes on with. */
export interface FormPage {
  readonly action: string;
  readonly context: string;
  readonly userName: string;
  readonly error: string | null;
}

const SIGN_IN_TITLE = 'Sign in to your account';

export function userNamePage(page: FormPage): string {
  return pageShell(
    SIGN_IN_TITLE,
    `<h1>Sign in</h1>${errorLine('usernameError', page.error)}${openForm(page)}` +
      `<input type="email" name="loginfmt" id="i0116" autocomplete="username" placeholder="Email, phone, or Skype" value="${escapeMarkup(page.userName)}" autofocus>` +
      `${submit('Next')}</form>`,
  );
}

export function passwordPage(page: FormPage): string {
  return pageShell(
    SIGN_IN_TITLE,
    `<h1>Enter password</h1><p id="displayName">${escapeMarkup(page.userName)}</p>` +
      `${errorLine('passwordError', page.error)}${openForm(page)}` +
      `${hiddenInput('login', page.userName)}${hiddenInput('loginfmt', page.userName)}` +
      '<input type="password" name="passwd" id="i0118" autocomplete="current-password" placeholder="Password" autofocus>' +
      `${submit('Sign in')}</form>`,
  );
}

export function mfaPage(page: FormPage): string {
  return pageShell(
    SIGN_IN_TITLE,
    `<h1>Enter code</h1><p>We texted your phone. Please enter the code to sign in.</p>` +
      `${errorLine('idSpan_SAOTCC_Error_OTC', page.error)}${openForm(page)}` +
      '<input type="tel" name="otc" id="idTxtBx_SAOTCC_OTC" autocomplete="one-time-code" placeholder="Code" autofocus>' +
      '<input type="submit" id="idSubmit_SAOTCC_Continue" value="Verify"></form>',
  );
}

export function termsPage(page: FormPage): string {
  return pageShell(
    'Terms of use',
    `<h1>Terms of use</h1><p>In order to access this resource, you must read the terms.</p>${openForm(page)}` +
      '<button type="submit" name="accepted" id="idSIButton9" value="true">Accept</button></form>',
  );
}

/** "Yes" makes the session of the login host outlive the browser. */
export function keepSignedInPage(page: FormPage): string {
  return pageShell(
    SIGN_IN_TITLE,
    `<h1>Stay signed in?</h1><p>Do this to reduce the number of times you are asked to sign in.</p>${openForm(page)}` +
      '<label><input type="checkbox" name="DontShowAgain" id="KmsiCheckboxField" value="true">Don\'t show this again</label>' +
      '<button type="submit" name="LoginOptions" id="idSIButton9" value="1">Yes</button>' +
      '<button type="submit" name="LoginOptions" id="idBtn_Back" value="3">No</button></form>',
  );
}

/** Conditional Access let the password pass and says no all the same. */
export function blockedPage(userName: string): string {
  return pageShell(
    SIGN_IN_TITLE,
    `<h1>You cannot access this right now</h1><p id="displayName">${escapeMarkup(userName)}</p>` +
      '<p>Your sign-in was successful but does not meet the criteria to access this resource.</p>' +
      '<p>Error Code: <span id="errorCode">53003</span></p>',
  );
}

export function registrationPage(userName: string): string {
  return pageShell(
    SIGN_IN_TITLE,
    `<h1>More information required</h1><p id="displayName">${escapeMarkup(userName)}</p>` +
      '<p>Your organization needs more information to keep your account secure. (AADSTS50079)</p>',
  );
}

export function adminApprovalPage(applicationId: string, backUrl: string | null): string {
  const back =
    backUrl === null
      ? ''
      : `<p><a id="adminConsentReturn" href="${escapeMarkup(backUrl)}">Return to the application without granting consent</a></p>`;
  return pageShell(
    SIGN_IN_TITLE,
    `<h1>Need admin approval</h1><p>${escapeMarkup(applicationId)} needs permission to access resources in your ` +
      `organization that only an admin can grant. (AADSTS90094)</p>${back}`,
  );
}

/** An error that ends the conversation, told as the login host tells it. */
export function errorPage(text: string): string {
  return pageShell(
    SIGN_IN_TITLE,
    `<h1>Sorry, but we're having trouble signing you in.</h1><p id="exceptionMessageContainer">${escapeMarkup(text)}</p>`,
  );
}

export function messagePage(title: string, text: string): string {
  return pageShell(title, `<h1>${escapeMarkup(title)}</h1><p id="message">${escapeMarkup(text)}</p>`);
}

export function userCodePage(page: FormPage): string {
  return pageShell(
    SIGN_IN_TITLE,
    `<h1>Enter code to allow access</h1>${errorLine('codeError', page.error)}${openForm(page)}` +
      `<input type="text" name="otc" id="otc" maxlength="9" placeholder="Code" autofocus>${submit('Next')}</form>`,
  );
}

export function confirmDevicePage(page: FormPage, applicationId: string): string {
  return pageShell(
    SIGN_IN_TITLE,
    `<h1>Are you trying to sign in to ${escapeMarkup(applicationId)}?</h1><p>${escapeMarkup(page.userName)}</p>` +
      `${openForm(page)}<button type="submit" name="answer" id="idSIButton9" value="continue">Continue</button>` +
      '<button type="submit" name="answer" id="idBtn_Back" value="cancel">Cancel</button></form>',
  );
}

function openForm(page: FormPage): string {
  return (
    `<form name="f1" id="i0281" method="POST" action="${escapeMarkup(page.action)}">` +
    `${hiddenInput('ctx', page.context)}${hiddenInput('canary', `${page.context.slice(0, 8)}="&<`)}`
  );
}

function submit(text: string): string {
  return `<input type="submit" id="idSIButton9" value="${text}">`;
}
