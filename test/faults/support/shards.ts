/** How much deeper than in CI: multiplies the sampled crashes. `GLASSLOG_FAULTS_DEPTH=10` for a night. */
export const depth = Math.max(1, Number(process.env.GLASSLOG_FAULTS_DEPTH ?? 1))

/** Times that a process is killed under load: 5 in CI, 100 at night. */
export const rounds = Math.max(1, Number(process.env.GLASSLOG_KILL_ROUNDS ?? 5))

/** The seed of this run; a failure prints it. */
export const seed = Number(process.env.GLASSLOG_FAULTS_SEED ?? 1)

const onlyText = process.env.GLASSLOG_FAULTS_ONLY

/** False when `GLASSLOG_FAULTS_ONLY` asks for one plan that failed before. */
export const isWholeRun = onlyText === undefined

/** The plan of `GLASSLOG_FAULTS_ONLY`, when it is one of this kind of fault. */
export function onlyPlan<Plan extends { readonly fault: string }>(
  fault: Plan['fault'],
): Plan | undefined {
  if (onlyText === undefined) return undefined
  const plan: Plan = JSON.parse(onlyText)
  return plan.fault === fault ? plan : undefined
}

/** `items` in `count` interleaved shares, so that each has some of everything. */
export function shards<T>(items: readonly T[], count: number): readonly (readonly T[])[] {
  return Array.from({ length: count }, (_, shard) =>
    items.filter((_item, i) => i % count === shard),
  )
}

/** One line for each failure, at most five of them: enough to run one again and not drown in them. */
export function summaryOf(
  failures: readonly { readonly plan: unknown; readonly problems: readonly string[] }[],
): string {
  const shown = failures
    .slice(0, 5)
    .map(
      ({ plan, problems }) =>
        `GLASSLOG_FAULTS_ONLY='${JSON.stringify(plan)}'\n  ${problems.slice(0, 6).join('\n  ')}`,
    )
  return [`${failures.length} failed (seed ${seed})`, ...shown].join('\n')
}
