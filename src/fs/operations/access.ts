/** The kernel checks permissions itself (`default_permissions`); what it lets through is allowed. */
export function access(): undefined {
  return undefined;
}
