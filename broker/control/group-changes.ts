import type { Json } from '../../audit/index.ts'
import type { ErrorName } from '../../protocol/index.ts'
import type { AppendEntry } from '../log/index.ts'
import type { DeleteGroup, DeleteGroupOffsets, ResetGroupOffsets } from './commands.ts'

/** Commands whose effect lies in `__consumer_offsets`: the group decides them. */
export type GroupCommand = ResetGroupOffsets | DeleteGroupOffsets | DeleteGroup

/** What a group would become, decided while nobody else can change it. */
export interface GroupChange {
  /** The offsets that the command is about, as they are and as they will be; null for none at all. */
  readonly before: Json
  readonly after: Json
  /** Batches of `__consumer_offsets`, to be appended in one with the record. */
  readonly entries: readonly AppendEntry[]
}

export type GroupAppend = 'durable' | 'refused' | 'unknown'

export interface GroupAnswer {
  readonly error: ErrorName
  readonly message: string | null
}

/** The groups as the control plane needs them; the group coordinator gives itself to it. */
export interface GroupChanges {
  /** Creates and loads what `change` needs. Called outside of the turns of calls, which it may need itself. */
  prepare(): Promise<void>
  /** Whether it is known that there is no such group. Called once `prepare` was. */
  isMissing(groupId: string): boolean
  /**
   * Decides in the group's turn, has the change appended, applies it. `append` is called at most
   * once, and neither when the command is refused nor to validate only. Never rejects.
   */
  change(
    command: GroupCommand,
    validateOnly: boolean,
    append: (change: GroupChange) => Promise<GroupAppend>,
  ): Promise<GroupAnswer>
}

/** What is answered until the coordinator is there. */
export const noGroups: GroupChanges = {
  prepare: async () => {},
  isMissing: () => false,
  change: async () => ({
    error: 'COORDINATOR_NOT_AVAILABLE',
    message: 'The group coordinator is not ready.',
  }),
}
