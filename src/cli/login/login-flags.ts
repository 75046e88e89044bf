/** What a person gave to `odbfs login`. */
import type { AccountConfig } from '../../daemon/index.js';

export interface LoginFlags {
  readonly account?: string;
  readonly method?: AccountConfig['method'];
  readonly username?: string;
  readonly passwordStdin?: boolean;
  readonly cookiesFrom?: string;
  readonly clientId?: string;
  readonly tenant?: string;
  readonly loginUrl?: string;
  readonly server?: AccountConfig['server'];
  readonly secrets?: AccountConfig['secrets'];
  readonly keepPassword: boolean;
  readonly check?: boolean;
}
