import type { InspectedCluster } from '../inspections/index.ts'

/** What somebody asks about. */
export type Subject =
  | { readonly kind: 'group'; readonly name: string }
  | { readonly kind: 'topic'; readonly name: string }
  | { readonly kind: 'disk' }

/** What speaks for a cause. */
export interface Verdict {
  /** 0 to 1: how well the cause explains what is seen. */
  readonly score: number
  readonly evidence: readonly string[]
  readonly remedy: readonly string[]
}

/** One thing that could be the reason. Judged by a pure function; null when nothing speaks for it. */
export interface Cause<Kind extends Subject['kind']> {
  /** Stable, for programs. */
  readonly id: string
  readonly title: string
  readonly judge: (
    subject: Extract<Subject, { readonly kind: Kind }>,
    cluster: InspectedCluster,
  ) => Verdict | null
}

/** Grows from 0 at `from` to 1 at `to`, and stays there. */
export function ramp(value: number, from: number, to: number): number {
  return Math.min(1, Math.max(0, (value - from) / (to - from)))
}
