import type { AclOperation, AclResourceType } from './access.ts'
import { CLUSTER_RESOURCE_NAME } from './access.ts'
import type { Command } from './commands.ts'
import type { FoldedState } from './fold/folded-state.ts'

/** Permissions of which one is enough, on each of the named resources. */
export interface Need<C extends Command = Command> {
  readonly anyOf: readonly {
    readonly operation: AclOperation
    readonly resourceType: AclResourceType
  }[]
  /** Names of the resources; of none when the command names nothing that exists. */
  readonly names: (command: C, state: FoldedState) => readonly string[]
}

export function onTopic<C extends Command>(
  operation: AclOperation,
  nameOf: (command: C, state: FoldedState) => string | undefined,
): Need<C> {
  return {
    anyOf: [{ operation, resourceType: 'TOPIC' }],
    names(command, state) {
      const name = nameOf(command, state)
      return name === undefined ? [] : [name]
    },
  }
}

export function onCluster(operation: AclOperation): Need {
  return {
    anyOf: [{ operation, resourceType: 'CLUSTER' }],
    names: () => [CLUSTER_RESOURCE_NAME],
  }
}

export function onGroup<C extends Command & { readonly groupId: string }>(
  operation: AclOperation,
): Need<C> {
  return {
    anyOf: [{ operation, resourceType: 'GROUP' }],
    names: ({ groupId }) => [groupId],
  }
}

/** One's own principal needs no permission (KIP-373). */
export function onUser<C extends Command>(
  operation: AclOperation,
  principalOf: (command: C) => string,
): Need<C> {
  return {
    anyOf: [{ operation, resourceType: 'USER' }],
    names: (command) => [principalOf(command)],
  }
}

export const alterCluster = [onCluster('ALTER')]
