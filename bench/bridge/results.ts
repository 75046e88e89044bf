/** Collects what bench/bridge measured, round by round, and prints it against the first system. */
export interface Row {
  readonly plan: string;
  readonly name: string;
  readonly unit: string;
  readonly bar?: string;
}

interface Measured {
  readonly row: Row;
  /** By system, one value a round. */
  readonly values: Map<string, number[]>;
  /** CPU time of client and server per operation, likewise. */
  readonly cpu: Map<string, number[]>;
}

const COLUMN = 36;

export class Results {
  readonly #systems: readonly string[];
  readonly #rows = new Map<string, Measured>();

  constructor(systems: readonly string[]) {
    this.#systems = systems;
  }

  add(row: Row, system: string, value: number, cpu?: number): void {
    const key = `${row.plan}|${row.name}`;
    const measured = this.#rows.get(key) ?? { row, values: new Map(), cpu: new Map() };
    this.#rows.set(key, measured);
    push(measured.values, system, value);
    if (cpu !== undefined) push(measured.cpu, system, cpu);
  }

  /** Medians; behind them the ratio to the first system (median of the rounds, its span), then that of CPU time. */
  print(): void {
    let plan = '';
    for (const measured of this.#rows.values()) {
      const { row } = measured;
      if (row.plan !== plan) {
        plan = row.plan;
        const heads = this.#systems.map((system) => system.padStart(COLUMN)).join('');
        console.log(`\n${plan.padEnd(34)}${'bar'.padStart(8)}${heads}`);
      }
      const cells = this.#systems.map((system) => this.#cell(measured, system).padStart(COLUMN)).join('');
      console.log(`${`${row.name} ${row.unit}`.padEnd(34)}${(row.bar ?? '').padStart(8)}${cells}`);
    }
  }

  #cell({ values, cpu }: Measured, system: string): string {
    const own = values.get(system);
    if (own === undefined) return '-';
    const shown = median(own).toFixed(median(own) < 100 ? 1 : 0);
    const reference = this.#systems[0]!;
    if (system === reference || !values.has(reference)) return shown;
    const ratios = quotients(own, values.get(reference)!);
    const span = `${median(ratios).toFixed(2)} [${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)}]`;
    const [ownCpu, referenceCpu] = [cpu.get(system), cpu.get(reference)];
    if (ownCpu === undefined || referenceCpu === undefined) return `${shown} ${span}`;
    return `${shown} ${span} cpu ${median(quotients(referenceCpu, ownCpu)).toFixed(2)}`;
  }
}

function push(map: Map<string, number[]>, key: string, value: number): void {
  map.set(key, [...(map.get(key) ?? []), value]);
}

function quotients(dividends: readonly number[], divisors: readonly number[]): number[] {
  return dividends.flatMap((dividend, round) => {
    const divisor = divisors[round];
    return divisor === undefined || divisor === 0 ? [] : [dividend / divisor];
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}
