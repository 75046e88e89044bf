/** The HTML around every page of the login host and of ADFS. Works without scripts. */
import { escapeMarkup } from '../escape.js';

const STYLE =
  'body{font-family:"Segoe UI",sans-serif;background:#f2f2f2;display:flex;justify-content:center;padding-top:12vh}' +
  'main{background:#fff;padding:44px;width:350px;box-shadow:0 2px 6px rgba(0,0,0,.2)}' +
  'input{font-size:15px}.error{color:#e81123}';

export function pageShell(title: string, content: string): string {
  return (
    '<!DOCTYPE html>\r\n<html dir="ltr" lang="en">\r\n<head>' +
    `<meta charset="utf-8"><title>${escapeMarkup(title)}</title><style>${STYLE}</style></head>\r\n` +
    `<body><main>${content}</main></body>\r\n</html>\r\n`
  );
}

export function hiddenInput(name: string, value: string): string {
  return `<input type="hidden" name="${escapeMarkup(name)}" value="${escapeMarkup(value)}">`;
}

export function errorLine(id: string, text: string | null): string {
  return text === null ? '' : `<p id="${id}" class="error" role="alert">${escapeMarkup(text)}</p>`;
}
