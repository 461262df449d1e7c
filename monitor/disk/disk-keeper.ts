import type { Cancel, Clock, Logger, Random, Timers } from '../../kit/index.ts'
import { randomUuid } from '../../kit/index.ts'
import type { DiskAction } from './action.ts'
import type { ActionBook } from './action-book.ts'
import { ActionRunner } from './action-runner.ts'
import type { DiskBroker, Retention } from './broker-port.ts'
import type { DiskAlert } from './disk-alerts.ts'
import { alertOfAction, alertOfObstacle } from './disk-alerts.ts'
import type { DiskPolicy, DriverName } from './disk-policy.ts'
import type { DriverBounds, ExpansionDriver } from './drivers/driver.ts'
import type { DiskForecast, UsagePoint } from './forecast.ts'
import { forecast } from './forecast.ts'
import type { LadderDecision, Obstacle } from './ladder.ts'
import { decideStep } from './ladder.ts'
import type { DiskStep } from './step.ts'
import { describeStep } from './step.ts'
import type { DiskUsage } from './usage.ts'
import { availableBytes, usedPercent } from './usage.ts'

export interface DiskKeeperPorts {
  readonly broker: DiskBroker
  readonly drivers: ReadonlyMap<DriverName, ExpansionDriver>
  readonly book: ActionBook
  /** What was in use of late, for the forecast. */
  readonly usageHistory: () => Promise<readonly UsagePoint[]>
  /** Tells people; durable once resolved. */
  readonly notify: (alert: DiskAlert) => Promise<void>
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
}

export interface DiskKeeperOptions {
  /** How often the disk is looked at. */
  readonly checkIntervalMs: number
  /** How long a size that was asked for may take to be there. */
  readonly arrivalTimeoutMs: number
}

/** What a look at the disk found. */
export interface DiskLook {
  readonly atMs: number
  readonly usage: DiskUsage
  readonly policy: DiskPolicy
  readonly retention: Retention | null
  readonly bounds: DriverBounds | null
  readonly forecast: DiskForecast | null
  readonly decision: LadderDecision
}

const NO_RETENTION: Retention = { expectedMs: null, effectiveMs: null }

/**
 * Looks at the broker's disk, and takes the steps that the policy asks for, one at a time. While the broker cannot
 * be reached nothing is done; what was begun is gone on with, after a restart too.
 */
export class DiskKeeper {
  readonly #ports: DiskKeeperPorts
  readonly #runner: ActionRunner
  readonly #cancel: Cancel
  #look: DiskLook | null = null
  #work: Promise<void> | null = null
  #obstacle: { readonly by: Obstacle; readonly sinceMs: number } | null = null
  #isAway = false
  #isStopped = false

  constructor(ports: DiskKeeperPorts, options: DiskKeeperOptions) {
    this.#ports = ports
    const { broker, drivers, book, clock, notify } = ports
    const tell = (action: DiskAction) => notify(alertOfAction(action))
    const parts = { broker, drivers, book, clock, tell }
    this.#runner = new ActionRunner(parts, options.arrivalTimeoutMs)
    this.#cancel = ports.timers.every(options.checkIntervalMs, () => void this.check())
  }

  /** The newest look; null before the first. */
  get look(): DiskLook | null {
    return this.#look
  }

  /** Newest first. */
  get actions(): readonly DiskAction[] {
    return this.#ports.book.all
  }

  /** Looks at the disk now, unless it is being looked at. Never rejects. */
  check(): Promise<void> {
    if (this.#isStopped) return Promise.resolve()
    this.#work ??= this.#check().finally(() => {
      this.#work = null
    })
    return this.#work
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancel()
    await this.#work
  }

  async #check(): Promise<void> {
    const { logger, clock } = this.#ports
    try {
      const look = await this.#lookNow(clock.now())
      this.#look = look
      if (this.#isAway) logger.info({}, 'the disk can be looked at again')
      this.#isAway = false
      await this.#act(look)
      await this.#tellObstacle(look)
    } catch (error) {
      if (!this.#isAway) logger.warn({ err: error }, 'the disk cannot be looked at')
      this.#isAway = true
    }
  }

  async #lookNow(atMs: number): Promise<DiskLook> {
    const { broker, drivers, book } = this.#ports
    const [usage, policy] = await Promise.all([broker.usage(), broker.policy()])
    const retention = policy.mode === 'retention' ? await broker.retention(policy) : null
    const isExpanding = policy.mode === 'expansion' && usedPercent(usage) >= policy.thresholdPercent
    // Other machines are not asked every few seconds for what nobody needs.
    const bounds = isExpanding ? ((await drivers.get(policy.driver)?.bounds(usage)) ?? null) : null
    const points = await this.#ports.usageHistory().catch(() => [])
    const here = { atMs, usedBytes: usage.usedBytes }
    const decision = decideStep({
      ...{ policy, usage, bounds, nowMs: atMs },
      longestRetentionMs: (retention ?? NO_RETENTION).expectedMs,
      lastStepAtMs: book.all[0]?.plannedAtMs ?? null,
    })
    return {
      ...{ atMs, usage, policy, retention, bounds, decision },
      forecast: forecast([...points, here], availableBytes(usage), atMs),
    }
  }

  async #act(look: DiskLook): Promise<void> {
    const { book, logger } = this.#ports
    const open = book.open
    if (open !== null) {
      const after = await this.#runner.advance(open, look)
      if (after.state !== open.state) logger.info({ action: after }, 'the disk: an action went on')
      return
    }
    if (look.decision.kind !== 'step') return
    const action = this.#plan(look.decision.step, look)
    logger.info({ action }, 'the disk: an action begins')
    await book.save(action)
    await this.#runner.advance(action, look)
  }

  #plan(step: DiskStep, { usage, policy, atMs }: DiskLook): DiskAction {
    const percent = usedPercent(usage).toFixed(1)
    return {
      id: randomUuid(this.#ports.random),
      step,
      driver: step.kind === 'expand' ? policy.driver : null,
      reason: `${percent} % of the disk are in use, the threshold is ${policy.thresholdPercent} %`,
      state: 'planned',
      detail: describeStep(step),
      plannedAtMs: atMs,
      askedAtMs: null,
      endedAtMs: null,
      attempts: 0,
      before: { volumeBytes: usage.volumeBytes, limitBytes: usage.limitBytes },
      recorded: 'nothing',
      intentSeq: null,
      isTold: false,
    }
  }

  /** People hear of it for as long as the disk is too full and nothing helps. */
  async #tellObstacle({ decision, atMs, usage }: DiskLook): Promise<void> {
    const { notify, book } = this.#ports
    // What is under way may help yet.
    const by = decision.kind === 'blocked' && book.open === null ? decision.by : null
    const known = this.#obstacle
    if (known !== null && known.by !== by) {
      await notify(alertOfObstacle(known.by, usage, known.sinceMs, atMs))
      this.#obstacle = null
    }
    if (by === null) return
    const sinceMs = this.#obstacle?.sinceMs ?? atMs
    this.#obstacle = { by, sinceMs }
    await notify(alertOfObstacle(by, usage, sinceMs, null))
  }
}
