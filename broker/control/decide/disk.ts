import type { Resource } from '../../../audit/index.ts'
import type { AlterDiskCapacity, AlterRetentionPolicy } from '../commands.ts'
import type { DiskPolicy } from '../disk-policy.ts'
import {
  DEFAULT_DISK_POLICY,
  DISK_POLICY_BOUNDS,
  DISK_POLICY_DRIVERS,
  DISK_POLICY_MODES,
  TIME_OF_DAY,
} from '../disk-policy.ts'
import type { FoldedState } from '../fold/folded-state.ts'
import { resourceToJson } from '../fold/resource-json.ts'
import type { Decision, DecisionContext } from './decision.ts'
import { refuse } from './decision.ts'

/**
 * A capacity is never more than the file system could hold, nor less than is in use. With less room
 * deleted topics may go for good, and with them what a higher capacity does not bring back.
 */
export function decideAlterDiskCapacity(
  state: FoldedState,
  { capacityBytes }: AlterDiskCapacity,
  { nodeId, diskSpace }: DecisionContext,
): Decision<AlterDiskCapacity> {
  const resource: Resource = { kind: 'disk-capacity', name: String(nodeId), id: null }
  const current = state.diskCapacityBytes
  if (capacityBytes !== null) {
    if (!Number.isSafeInteger(capacityBytes) || capacityBytes <= 0) {
      return refuse('INVALID_REQUEST', 'A capacity is a whole number of bytes above 0.', resource)
    }
    const { usedBytes, freeBytes, floorBytes } = diskSpace()
    if (freeBytes === null) {
      const message = 'The size of the file system is not known yet; try again in a moment.'
      return refuse('REQUEST_TIMED_OUT', message, resource)
    }
    const most = usedBytes + freeBytes
    const least = usedBytes + floorBytes
    if (capacityBytes > most || capacityBytes < least) {
      const message = `A capacity of ${capacityBytes} bytes is outside of ${least} (in use, and the floor) to ${most} (in use, and free in the file system).`
      return refuse('INVALID_REQUEST', message, resource)
    }
  }
  return {
    error: 'NONE',
    resource,
    before: current === null ? null : { capacityBytes: current },
    isThere: true,
    after: capacityBytes === null ? null : { capacityBytes },
    reversal:
      capacityBytes !== null && capacityBytes < (current ?? Infinity) ? 'side-effects' : 'full',
    result: capacityBytes === null ? null : { capacityBytes },
  }
}

/** Replaces the document. Records that a shorter retention takes away do not come back with the longer. */
export function decideAlterRetentionPolicy(
  state: FoldedState,
  { policy }: AlterRetentionPolicy,
): Decision<AlterRetentionPolicy> {
  const resource: Resource = { kind: 'disk-policy', name: 'disk-policy', id: null }
  const current = state.diskPolicy
  const fault = policy && policyFault(policy)
  if (fault) return refuse('INVALID_CONFIG', fault, resource)
  const present = current ?? DEFAULT_DISK_POLICY
  const wanted = policy ?? DEFAULT_DISK_POLICY
  const isShorter =
    wanted.effectiveRetentionPercent < present.effectiveRetentionPercent ||
    (wanted.effectiveRetentionPercent < 100 && wanted.retentionFloorMs < present.retentionFloorMs)
  return {
    error: 'NONE',
    resource,
    before: current && resourceToJson(current),
    isThere: true,
    after: policy && resourceToJson(policy),
    reversal: isShorter ? 'side-effects' : 'full',
    result: wanted,
  }
}

function policyFault(policy: DiskPolicy): string | null {
  if (!Object.hasOwn(DISK_POLICY_MODES, policy.mode)) {
    return `mode must be one of ${Object.keys(DISK_POLICY_MODES).join(', ')}`
  }
  if (!Object.hasOwn(DISK_POLICY_DRIVERS, policy.driver)) {
    return `driver must be one of ${Object.keys(DISK_POLICY_DRIVERS).join(', ')}`
  }
  const window = policy.planWindow
  if (window !== null) {
    const isWindow = [window.from, window.to].every((time) => TIME_OF_DAY.test(time))
    if (!isWindow) return 'planWindow must have from and to as times of day such as 02:00'
    if (window.from === window.to) return 'planWindow must not begin when it ends'
  }
  for (const [name, { minimum, maximum }] of Object.entries(DISK_POLICY_BOUNDS)) {
    const value = policy[name as keyof typeof DISK_POLICY_BOUNDS]
    if (!Number.isSafeInteger(value) || value < minimum || value > maximum) {
      return `${name} must be a whole number from ${minimum} to ${maximum}`
    }
  }
  const { mode, capacityCeilingBytes: ceiling, effectiveRetentionPercent } = policy
  if (ceiling !== null && (!Number.isSafeInteger(ceiling) || ceiling <= 0)) {
    return 'capacityCeilingBytes must be a whole number above 0, or null'
  }
  if (mode !== 'retention' && effectiveRetentionPercent !== 100) {
    return 'effectiveRetentionPercent can be below 100 only in the mode retention'
  }
  return null
}
