/** Why a form value was not taken; null when all were. The HTTP status says nothing about it (protocol notes 3.5). */
export function fieldFailure(text: string): string | null {
  const failed = resultsIn(text).find(
    (result) => result.HasException === true || result.HasException === 'true',
  );
  return failed === undefined ? null : String(failed.ErrorMessage ?? 'the value was not taken');
}

type Result = Record<string, unknown>;

/** The per-field results, whatever they are wrapped in. */
function resultsIn(text: string): Result[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return [];
  }
  for (let at: unknown = json; typeof at === 'object' && at !== null; ) {
    if (Array.isArray(at)) return at as Result[];
    const holder: Record<string, unknown> = at as Record<string, unknown>;
    at = holder.d ?? holder.ValidateUpdateListItem ?? holder.results ?? holder.value;
  }
  return [];
}
