/** Why the library does not do what it was asked; each protocol has its own words for it. */
export type RefusalKind =
  | 'absent'
  | 'parent-absent'
  | 'exists'
  | 'is-folder'
  | 'not-folder'
  | 'locked'
  | 'checked-out'
  | 'retained'
  | 'changed'
  | 'quota'
  | 'bad-name'
  | 'path-too-long'
  | 'into-itself';

export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly kind: RefusalKind;

  constructor(kind: RefusalKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
