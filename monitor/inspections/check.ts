import type { AdminRequest, ClusterSnapshot, ReadingName } from '../cluster/index.ts'
import type { GroupLag } from '../lag/index.ts'

export const AREAS = [
  'capacity',
  'skew',
  'clients',
  'groups',
  'topics',
  'durability',
  'security',
  'disk',
  'audit',
  'version',
] as const
export type Area = (typeof AREAS)[number]

/** `critical`: service or data is in danger now. `important`: it will be, or much is wasted. `advice`: it could be better. */
export const SEVERITIES = ['critical', 'important', 'advice'] as const
export type Severity = (typeof SEVERITIES)[number]

export interface Resource {
  readonly kind:
    | 'cluster'
    | 'topic'
    | 'group'
    | 'client'
    | 'listener'
    | 'account'
    | 'token'
    | 'acl'
    | 'quota'
    | 'disk'
  readonly name: string
}

/** A number that speaks for a finding, with its unit last in the name where it has one. */
export interface Fact {
  readonly name: string
  readonly value: number
  readonly unit: string
}

/** What the chart of a finding shows: a reading, of one resource. */
export interface ChartRequest {
  readonly title: string
  readonly unit: string
  readonly reading: ReadingName
  /** Only series with these labels. */
  readonly labels: Readonly<Record<string, string>>
}

export interface Remedy {
  /** What to do, in order. */
  readonly steps: readonly string[]
  /** The change that does it, where the broker itself can and it is safe; tried before it is carried out. */
  readonly action: RemedyAction | null
}

export interface RemedyAction extends AdminRequest {
  readonly description: string
  /** Whether a rewind of its record takes it back whole. */
  readonly reversible: boolean
}

/** What a check saw of one resource. */
export interface Observation {
  readonly resource: Resource
  /** The check's own, unless said otherwise. */
  readonly severity?: Severity
  /** What is the matter, in one sentence with its numbers. */
  readonly summary: string
  readonly facts: readonly Fact[]
  readonly chart: ChartRequest | null
  readonly cause: string
  readonly remedy: Remedy
}

/** What a check may look at. */
export interface InspectedCluster extends ClusterSnapshot {
  readonly lags: readonly GroupLag[]
  readonly settings: InspectionSettings
}

export interface InspectionSettings {
  /** Of this monitor, which is installed together with the broker. */
  readonly version: string
  /** What the machine is meant to take and give each second; 0 where nobody has said. */
  readonly produceBytesPerSecond: number
  readonly consumeBytesPerSecond: number
}

/** One row of the catalogue: a pure function over what was gathered. */
export interface Check {
  /** Stable, for programs. */
  readonly id: string
  readonly title: string
  readonly area: Area
  readonly severity: Severity
  /** What it looks at and from where on it speaks, for the catalogue. */
  readonly looksAt: string
  /** How to see that the remedy helped. */
  readonly verify: string
  readonly inspect: (cluster: InspectedCluster) => Iterable<Observation>
}
