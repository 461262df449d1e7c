/** A broker and its disk in simulated time, as the ladder sees them. */
import type { DiskAction } from './action.ts'
import type { DiskBroker } from './broker-port.ts'
import { BrokerRefusal } from './broker-port.ts'
import type { DiskPolicy } from './disk-policy.ts'
import { effectiveRetentionMs } from './disk-policy.ts'

export const GIB = 1024 ** 3
export const HOUR_MS = 3_600_000

export const POLICY: DiskPolicy = {
  mode: 'expansion',
  driver: 'capacity',
  thresholdPercent: 75,
  stepPercent: 10,
  cooldownMs: HOUR_MS,
  retentionFloorMs: HOUR_MS,
  capacityCeilingBytes: null,
  capacityGranularityBytes: GIB,
  effectiveRetentionPercent: 100,
  planWindow: null,
}

/** An action that wants a size, on its way to who makes it. */
export function expansionTo(from: number, to: number): DiskAction {
  return {
    id: 'an-action',
    step: { kind: 'expand', from, to },
    driver: 'webhook',
    reason: '80 % of the disk are in use',
    ...{ state: 'intended', detail: '', plannedAtMs: 0, askedAtMs: null, endedAtMs: null },
    before: { volumeBytes: from, limitBytes: null },
    ...{ attempts: 0, recorded: 'intent', intentSeq: 7, isTold: false },
  }
}

export interface HistoryEntry {
  readonly phase: 'begin' | 'end'
  readonly id: string
  readonly state: DiskAction['state']
}

/** It outlives the monitor. */
export class SimBroker implements DiskBroker {
  usedBytes = 10 * GIB
  volumeBytes = 100 * GIB
  limitBytes: number | null = 50 * GIB
  current: DiskPolicy
  longestRetentionMs: number | null = 7 * 24 * HOUR_MS
  isAway = false
  /** Says no to every change. */
  refuses = false
  readonly history: HistoryEntry[] = []
  readonly limits: number[] = []
  readonly retentions: number[] = []

  constructor(policy: Partial<DiskPolicy> = {}) {
    this.current = { ...POLICY, ...policy }
  }

  async usage() {
    this.#reach()
    const { usedBytes, limitBytes, volumeBytes } = this
    return {
      usedBytes,
      limitBytes,
      volumeBytes,
      freeBytes: volumeBytes - usedBytes,
      floorBytes: GIB,
    }
  }

  async policy() {
    this.#reach()
    return this.current
  }

  async retention(policy: DiskPolicy) {
    this.#reach()
    const expectedMs = this.longestRetentionMs
    return {
      expectedMs,
      effectiveMs: expectedMs === null ? null : effectiveRetentionMs(expectedMs, policy),
    }
  }

  async setLimit(limitBytes: number) {
    this.#change()
    this.limits.push(limitBytes)
    this.limitBytes = limitBytes
  }

  async setEffectiveRetention({ step: { from, to } }: DiskAction) {
    this.#change()
    const { effectiveRetentionPercent: percent } = this.current
    if (percent === to) return
    if (percent !== from) throw new BrokerRefusal('somebody has changed the policy meanwhile')
    this.retentions.push(to)
    this.current = { ...this.current, effectiveRetentionPercent: to }
  }

  intend(action: DiskAction) {
    return this.#record('begin', action)
  }

  conclude(action: DiskAction) {
    return this.#record('end', action)
  }

  async #record(phase: 'begin' | 'end', { id, state }: DiskAction): Promise<number> {
    this.#change()
    const known = this.history.findIndex((one) => one.id === id && one.phase === phase)
    return known >= 0 ? known + 1 : this.history.push({ phase, id, state })
  }

  #reach(): void {
    if (this.isAway) throw new Error('connect ECONNREFUSED')
  }

  #change(): void {
    this.#reach()
    if (this.refuses) throw new BrokerRefusal('HTTP 403: the account may not do this')
  }
}
