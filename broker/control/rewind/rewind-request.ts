import type { ClashChoice, RewindPlan, RewindScope, RewindStep } from '../../../audit/index.ts'
import type { ErrorName } from '../../../protocol/index.ts'
import type { Command } from '../commands.ts'

/** What is to go back: to the state after a record, or what chosen records did. Exactly one of the two. */
export interface RewindRequest {
  /** -1 is not a moment: the history begins with record 0. */
  readonly to?: number
  /** With `to`: what came after this record stays, as `baseSeq` of a plan that somebody agreed to. */
  readonly until?: number
  readonly undo?: readonly number[]
  readonly scope?: RewindScope
  /** By the key of the resource: what to do where somebody changed it since. */
  readonly choices?: ReadonlyMap<string, ClashChoice | 'skip'>
  readonly reason?: string
}

/** One step with the commands that do it, and what came of them (or would). */
export interface RewoundStep {
  readonly step: RewindStep
  readonly commands: readonly Command['kind'][]
  /** What it cannot bring back, for people. */
  readonly cannot: readonly string[]
  /** NONE, or why the step is not possible now. */
  readonly error: ErrorName
  readonly message: string | null
  /** Records that did it; empty for a dry run. */
  readonly seqs: readonly number[]
}

export interface RewindAnswer {
  readonly plan: RewindPlan
  readonly steps: readonly RewoundStep[]
  /** NONE when all of it is done, or would be. */
  readonly error: ErrorName
  readonly message: string | null
  /** Sequence number of the record of the rewind itself; -1 for a dry run. */
  readonly seq: number
}
