import type { StandinRequest } from '../../request.js';
import { aadstsText } from '../aadsts.js';
import { replyPage } from '../answers.js';
import { errorPage } from './pages.js';

/** The answer to a form of a conversation that is over, or that never was. */
export function replyOver(request: StandinRequest): Promise<void> {
  return replyPage(request, errorPage(aadstsText(90014)));
}
