import type { FdatasyncTime } from '../measure/fdatasync.ts'
import type { RunFigures, RunTimes } from './client/client.ts'

/** Under which conditions runs may be put together: when any of this differs they may not. */
export interface EntryConditions {
  readonly settings: string
  readonly client: string
  readonly version: string
  readonly machine: string
  readonly confinement: string
  readonly times: RunTimes
}

export interface TableRun extends RunFigures {
  /** RFC 3339. */
  readonly at: string
}

/** A row of the table with one size of records: all runs so far, or why there are none. */
export interface Entry {
  readonly row: string
  readonly recordBytes: number
  readonly conditions: EntryConditions
  readonly fdatasync: FdatasyncTime
  /** How the broker was started. */
  readonly command: string
  /** What the machine lacked when it was tried last; null when nothing. */
  readonly missing: string | null
  readonly runs: readonly TableRun[]
}
