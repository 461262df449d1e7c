import { errors, ListGroupsRequest, ListGroupsResponse } from '../../protocol/index.ts'
import { CLUSTER_RESOURCE_NAME } from '../control/index.ts'
import { accessOf } from './authorize.ts'
import { defineHandler } from './handler.ts'

/**
 * ListGroups v0-v5: all groups, if asked for only those in some states (KIP-518) or of some types
 * (KIP-848). While part of the groups is still being loaded, those known come with
 * COORDINATOR_LOAD_IN_PROGRESS.
 */
export const listGroups = defineHandler(
  ListGroupsRequest,
  ListGroupsResponse,
  {
    versions: '0-5',
    stage: 'ordered',
    permissions: [
      { operation: 'DESCRIBE', resource: 'CLUSTER' },
      { operation: 'DESCRIBE', resource: 'GROUP' },
    ],
    notes: ['DESCRIBE on the cluster shows all groups; without it those that may be described.'],
  },
  ({ statesFilter, typesFilter }, context, broker) => {
    const access = accessOf(context, broker)
    const seesAll = access.may('DESCRIBE', 'CLUSTER', CLUSTER_RESOURCE_NAME)
    const { error, groups } = broker.groups.list()
    const states = filter(statesFilter)
    const types = filter(typesFilter)
    return {
      errorCode: errors[error].code,
      groups: groups
        .filter(({ state, type }) => states(state) && types(type))
        .filter(({ groupId }) => seesAll || access.may('DESCRIBE', 'GROUP', groupId))
        .map(({ groupId, protocolType, state, type }) => ({
          groupId,
          protocolType,
          groupState: state,
          groupType: type,
        })),
    }
  },
)

/** An empty list lets everything through; case and outer blanks do not matter. */
function filter(wanted: readonly string[]): (value: string) => boolean {
  const names = new Set(wanted.map((name) => name.trim().toLowerCase()))
  return (value) => names.size === 0 || names.has(value.toLowerCase())
}
