import { createHash } from 'node:crypto'
import type { Area, Fact, Remedy, Resource, Severity } from './check.ts'

/** `muted` until a time; `fixed` once an inspection does not see it any more, or somebody says that it is. */
export type FindingState = 'open' | 'muted' | 'fixed'

export interface Chart {
  readonly title: string
  readonly unit: string
  /** PromQL, for whoever wants to look closer. */
  readonly expression: string
  /** `[Unix ms, value]`. */
  readonly points: readonly (readonly [number, number])[]
}

/** A thing that is the matter with one resource. Plain data, as it is kept and answered. */
export interface Finding {
  readonly id: string
  readonly check: string
  readonly title: string
  readonly area: Area
  readonly severity: Severity
  readonly resource: Resource
  readonly summary: string
  readonly evidence: { readonly facts: readonly Fact[]; readonly chart: Chart | null }
  readonly cause: string
  readonly remedy: Remedy
  readonly verify: string
  readonly state: FindingState
  readonly firstSeenAtMs: number
  readonly lastSeenAtMs: number
  /** When it was last brought to people's notice. */
  readonly raisedAtMs: number
  /** How often it was. */
  readonly raises: number
  readonly mutedUntilMs: number | null
  readonly mutedBy: string | null
  readonly fixedAtMs: number | null
  /** Who said that it is fixed; null when an inspection saw it. */
  readonly fixedBy: string | null
}

/** The same for the same check and resource, so that what is said of it once holds for the next inspection too. */
export function findingId(check: string, { kind, name }: Resource): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([check, kind, name]))
    .digest('hex')
  return `${check}-${digest.slice(0, 10)}`
}
