import type { DiskStep } from './step.ts'

/**
 * How far an action has come. Each state is durable here before what leads to the next one is done,
 * so that after a crash the action goes on from where it was.
 */
export type DiskActionState =
  /** Decided on; the history may or may not have its intent. */
  | 'planned'
  /** The history has its intent. */
  | 'intended'
  /** Who is to do it was asked; the effect is not there yet. */
  | 'asked'
  | 'done'
  | 'failed'

export interface DiskAction {
  /** A UUID, by which the history and a webhook know it again. */
  readonly id: string
  readonly step: DiskStep
  /** Who makes the disk larger; null for a step of retention. */
  readonly driver: string | null
  /** Why, in a sentence. */
  readonly reason: string
  readonly state: DiskActionState
  /** What was answered last, or what came of it. */
  readonly detail: string
  readonly plannedAtMs: number
  readonly askedAtMs: number | null
  readonly endedAtMs: number | null
  /** How often who is to do it was asked. */
  readonly attempts: number
  /** Size of the file system, and the broker's limit, when it began. */
  readonly before: { readonly volumeBytes: number; readonly limitBytes: number | null }
  /** What the history has of it: the intent, then the outcome. */
  readonly recorded: 'nothing' | 'intent' | 'outcome'
  /** Sequence number of the intent in the history, where it is known. */
  readonly intentSeq: number | null
  /** Whether people were told how it ended. */
  readonly isTold: boolean
}

/** Whether its effect is there, or will not come. */
export function isOver({ state }: DiskAction): boolean {
  return state === 'done' || state === 'failed'
}

/** Whether there is still something to do for it, be it only to tell the history and people how it ended. */
export function isOpen(action: DiskAction): boolean {
  // An intent that the history refused has no outcome.
  return !isOver(action) || action.recorded === 'intent' || !action.isTold
}
