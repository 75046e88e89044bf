/** The shape in which switches are written down, and the type of a set of their values. */

export type SwitchValue = boolean | number | string;

export interface SwitchDefinition<Value extends SwitchValue = SwitchValue> {
  readonly default: Value;
  /** What the `hostile` profile sets; absent: the default. */
  readonly hostile?: SwitchValue;
  /** The words that a string switch takes; absent: any. */
  readonly values?: readonly string[];
  readonly doc: string;
}

type Widened<Definition> = Definition extends { readonly values: readonly (infer Word)[] }
  ? Word
  : Definition extends { readonly default: boolean }
    ? boolean
    : Definition extends { readonly default: number }
      ? number
      : string;

export type SwitchValues<Table> = { -readonly [Name in keyof Table]: Widened<Table[Name]> };

/** Keeps the words of each switch as literal types. */
export function defineSwitches<const Table extends Readonly<Record<string, SwitchDefinition>>>(
  table: Table,
): Table {
  return table;
}
