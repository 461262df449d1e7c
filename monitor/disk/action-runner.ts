import type { Clock } from '../../kit/index.ts'
import { abbreviate } from '../../kit/index.ts'
import type { DiskAction } from './action.ts'
import { isOpen } from './action.ts'
import type { ActionBook } from './action-book.ts'
import type { DiskBroker } from './broker-port.ts'
import { BrokerRefusal } from './broker-port.ts'
import type { DiskPolicy, DriverName } from './disk-policy.ts'
import type { DriverAnswer, ExpansionDriver } from './drivers/driver.ts'
import type { DiskUsage } from './usage.ts'
import { usedPercent } from './usage.ts'

/** How things are while an action is carried out. */
export interface DiskNow {
  readonly usage: DiskUsage
  readonly policy: DiskPolicy
}

export interface ActionRunnerPorts {
  readonly broker: DiskBroker
  readonly drivers: ReadonlyMap<DriverName, ExpansionDriver>
  readonly book: ActionBook
  readonly clock: Clock
  /** Tells people how an action ended; durable once resolved. */
  readonly tell: (action: DiskAction) => Promise<void>
}

/** Who is to do it is asked so often before the action has failed. */
const MAX_ATTEMPTS = 5
/** An intent that the history has not taken by then is of another time. */
const PLAN_TIMEOUT_MS = 10 * 60_000
/** Answers of others are kept, and go into the history, which takes no more than so much of a record. */
const MAX_DETAIL_LENGTH = 1_000
/** File systems keep a part of what they get for themselves. */
const ARRIVED_RATIO = 0.9

/**
 * Takes actions through their states: the intent into the history, then the deed, then its effect awaited, then
 * the outcome into the history and to people. Each state is durable before the next is begun, and everything
 * that is done for one can be done again.
 */
export class ActionRunner {
  readonly #ports: ActionRunnerPorts
  readonly #arrivalTimeoutMs: number

  constructor(ports: ActionRunnerPorts, arrivalTimeoutMs: number) {
    this.#ports = ports
    this.#arrivalTimeoutMs = arrivalTimeoutMs
  }

  /** As far as it goes now. Rejects with the disk's error; anything else is tried again with the next call. */
  async advance(action: DiskAction, now: DiskNow): Promise<DiskAction> {
    let current = action
    while (isOpen(current)) {
      const next = await this.#next(current, now)
      if (next === current) break
      await this.#ports.book.save(next)
      // What waits for an effect, or for another attempt, waits for the next look at the disk.
      if (next.state === current.state && next.recorded === current.recorded && !next.isTold) break
      current = next
    }
    return current
  }

  /** One step further; the same object when it has to wait. */
  #next(action: DiskAction, now: DiskNow): Promise<DiskAction> {
    switch (action.state) {
      case 'planned':
        return this.#intend(action)
      case 'intended':
        return this.#ask(action, now)
      case 'asked':
        return this.#await(action, now)
      case 'done':
      case 'failed':
        return this.#conclude(action)
    }
  }

  async #intend(action: DiskAction): Promise<DiskAction> {
    try {
      const intentSeq = await this.#ports.broker.intend(action)
      return { ...action, state: 'intended', recorded: 'intent', intentSeq }
    } catch (error) {
      if (error instanceof BrokerRefusal) return this.#failed(action, error.message)
      const isLate = this.#ports.clock.now() - action.plannedAtMs > PLAN_TIMEOUT_MS
      // It may have the intent by now, or get it later: then it must get the outcome as well.
      return isLate
        ? this.#failed({ ...action, recorded: 'intent' }, 'the history could not be told in time')
        : action
    }
  }

  async #ask(action: DiskAction, now: DiskNow): Promise<DiskAction> {
    const attempts = action.attempts + 1
    const reason = this.#isThere(action, now) ? null : noLongerWanted(action, now)
    if (reason !== null) return this.#failed(action, reason)
    try {
      const answer = await this.#carryOut(action, now)
      const detail = abbreviate(answer.detail, MAX_DETAIL_LENGTH)
      if (answer.kind === 'refused') return this.#failed({ ...action, attempts }, detail)
      const askedAtMs = this.#ports.clock.now()
      return { ...action, state: 'asked', attempts, detail, askedAtMs }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      const detail = abbreviate(message, MAX_DETAIL_LENGTH)
      const isFinal = error instanceof BrokerRefusal || attempts >= MAX_ATTEMPTS
      const tried = { ...action, attempts, detail }
      return isFinal ? this.#failed(tried, detail) : tried
    }
  }

  async #carryOut(action: DiskAction, now: DiskNow): Promise<DriverAnswer> {
    const { broker, drivers } = this.#ports
    // It was asked for before a crash, or somebody gave more than that meanwhile: asking would take it away.
    if (this.#isThere(action, now)) return { kind: 'asked', detail: 'it is there already' }
    if (action.step.kind !== 'expand') {
      await broker.setEffectiveRetention(action)
      return { kind: 'asked', detail: `topics have ${action.step.to} % of their retention` }
    }
    const driver = drivers.get(action.driver as DriverName)
    if (driver === undefined)
      return { kind: 'refused', detail: `the driver ${action.driver} is not configured any more` }
    return driver.expand(action, now.usage)
  }

  async #await(action: DiskAction, now: DiskNow): Promise<DiskAction> {
    if (this.#isThere(action, now)) {
      try {
        await this.#followWithLimit(action, now.usage)
      } catch (error) {
        if (!(error instanceof BrokerRefusal)) return action
        return this.#failed(action, `${action.detail}; the limit stays: ${error.message}`)
      }
      return { ...action, state: 'done', endedAtMs: this.#ports.clock.now() }
    }
    const driver = this.#ports.drivers.get(action.driver as DriverName)
    const refusal = (await driver?.refusal?.().catch(() => null)) ?? null
    if (refusal !== null) return this.#failed(action, refusal)
    const waitedMs = this.#ports.clock.now() - (action.askedAtMs ?? action.plannedAtMs)
    if (waitedMs < this.#arrivalTimeoutMs) return action
    const minutes = Math.round(this.#arrivalTimeoutMs / 60_000)
    return this.#failed(action, `${action.detail}; it was not there after ${minutes} minutes`)
  }

  /** A larger volume is of no use to a broker that may not use it: its limit grows by the same. */
  async #followWithLimit(action: DiskAction, usage: DiskUsage): Promise<void> {
    const { usedBytes, freeBytes, limitBytes: currentBytes } = usage
    const { step, before, driver } = action
    const scales = this.#ports.drivers.get(driver as DriverName)?.scales
    if (step.kind !== 'expand' || scales !== 'volume' || before.limitBytes === null) return
    // Somebody has taken the limit away meanwhile.
    if (currentBytes === null) return
    const limitBytes = Math.min(before.limitBytes + step.to - step.from, usedBytes + freeBytes)
    if (limitBytes > currentBytes) await this.#ports.broker.setLimit(limitBytes, action)
  }

  async #conclude(action: DiskAction): Promise<DiskAction> {
    const { broker, tell } = this.#ports
    try {
      if (!action.isTold) {
        await tell(action)
        return { ...action, isTold: true }
      }
      await broker.conclude(action)
      return { ...action, recorded: 'outcome' }
    } catch (error) {
      // A history that will never take it cannot be helped; the outbox has told its log.
      return error instanceof BrokerRefusal ? { ...action, recorded: 'outcome' } : action
    }
  }

  #isThere(action: DiskAction, now: DiskNow): boolean {
    return hasArrived(action, now, this.#ports.drivers)
  }

  #failed(action: DiskAction, detail: string): DiskAction {
    const endedAtMs = this.#ports.clock.now()
    return { ...action, state: 'failed', detail: abbreviate(detail, MAX_DETAIL_LENGTH), endedAtMs }
  }
}

/** Why what was decided on does not hold any more, by the time that it would be done; null while it does. */
function noLongerWanted(
  { step, driver, attempts }: DiskAction,
  { usage, policy }: DiskNow,
): string | null {
  const isExpansion = step.kind === 'expand'
  const isAsItWas = isExpansion
    ? policy.mode === 'expansion' && policy.driver === driver
    : policy.mode === 'retention'
  if (!isAsItWas) return 'somebody has changed the policy meanwhile'
  if (isExpansion && step.to > (policy.capacityCeilingBytes ?? Number.POSITIVE_INFINITY))
    return 'the policy lets the disk grow no further by now'
  // Whoever was asked once may be at it, and is asked for the same again.
  const isRelief = step.kind !== 'lengthen-retention' && attempts === 0
  return isRelief && usedPercent(usage) < policy.thresholdPercent
    ? 'the disk has room again: it is not needed any more'
    : null
}

function hasArrived(
  { step, driver, before }: DiskAction,
  { usage, policy }: DiskNow,
  drivers: ReadonlyMap<DriverName, ExpansionDriver>,
): boolean {
  if (step.kind !== 'expand') return policy.effectiveRetentionPercent === step.to
  if (drivers.get(driver as DriverName)?.scales === 'limit')
    return usage.limitBytes === null || usage.limitBytes >= step.to
  return usage.volumeBytes >= before.volumeBytes + ARRIVED_RATIO * (step.to - step.from)
}
