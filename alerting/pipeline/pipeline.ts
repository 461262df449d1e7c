import type { Cancel, Clock, Disk, Logger, Random, Timers } from '../../kit/index.ts'
import type { Alert, IncomingAlert } from '../alerts/alert.ts'
import type { AlertingConfig, ForwardTarget, Integration, Receiver } from '../config/config.ts'
import type { Notifier } from '../delivery/notifier.ts'
import type { OperationObserver } from '../operation.ts'
import { OperationLog } from '../operation-log.ts'
import { RequestError } from '../request-error.ts'
import { SilenceBook } from '../silences/silence-book.ts'
import { Silencer } from '../silences/silencer.ts'
import type { Delivery, DeliveryQuery } from '../state/delivery-log.ts'
import { StateLog } from '../state/state-log.ts'
import { TicketBook } from '../tickets/ticket-book.ts'
import type { SendTicket } from '../tickets/ticket-mirror.ts'
import { TicketMirror } from '../tickets/ticket-mirror.ts'
import { AcknowledgementBook } from './acknowledgements.ts'
import { sendTest } from './contact-test.ts'
import { Dispatcher, notifierKey } from './dispatcher.ts'
import { integrationNames } from './group.ts'
import type { RefusedAlert } from './intake.ts'
import { restartTimeouts, takeIn } from './intake.ts'

/** What the pipeline needs of the world. */
export interface AlertingPlatform {
  readonly disk: Disk
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
}

/** Makes what a configuration names. */
export interface Outlets {
  notifier(integration: Integration, receiver: string): Notifier
  /** Sends one ticket to the webhook of `tickets`. */
  ticketMirror(webhook: NonNullable<AlertingConfig['tickets']['mirror']>): SendTicket
  /** Hands alerts on to another Alertmanager. */
  forwarder(target: ForwardTarget): AlertForwarder
}

/** Takes alerts to another Alertmanager. Never throws; loses what it cannot bring until it is told again. */
export interface AlertForwarder {
  forward(alerts: readonly Alert[]): void
  stop(): Promise<void>
}

export interface AlertingOptions {
  /** Holds the state; used by one process at a time. */
  readonly directory: string
  /** Where people look at alerts: the console's address. */
  readonly externalUrl: string
  readonly maxAlerts: number
  /** Told of each attempt at a notification, for whoever counts them. */
  readonly onDelivery?: (delivery: Delivery) => void
}

const TICK_MS = 1_000
const PRUNE_MS = 60_000
/** A clock that is set back by more would keep groups waiting. */
const CLOCK_TOLERANCE_MS = 5_000

export const DEFAULT_MAX_ALERTS = 50_000

/**
 * What happens once a rule fires: alerts are routed, grouped, held back where somebody wants that, and
 * told to people until they know. Everything that must outlive a crash is durable before it is answered.
 */
export class AlertingPipeline {
  readonly #platform: AlertingPlatform
  readonly #options: AlertingOptions
  readonly #outlets: Outlets
  readonly #log: StateLog
  readonly #dispatcher: Dispatcher
  readonly #mirror: TicketMirror
  readonly #operations: OperationLog
  readonly #cancels: Cancel[] = []
  #config: AlertingConfig
  #notifiers: ReadonlyMap<string, Notifier>
  #forwarders: readonly AlertForwarder[] = []
  #lastTickMs: number
  #stopping: Promise<void> | null = null
  readonly startedAtMs: number
  readonly silences: SilenceBook
  readonly acknowledgements: AcknowledgementBook
  readonly tickets: TicketBook

  private constructor(
    platform: AlertingPlatform,
    options: AlertingOptions,
    outlets: Outlets,
    log: StateLog,
    config: AlertingConfig,
    observe: OperationObserver,
  ) {
    const { clock, random, logger } = platform
    this.#platform = platform
    this.#options = options
    this.#outlets = outlets
    this.#log = log
    this.#config = config
    this.startedAtMs = clock.now()
    this.#lastTickMs = this.startedAtMs
    this.#notifiers = this.#makeNotifiers(config)
    restartTimeouts(log, this.startedAtMs, config.resolveTimeoutMs)
    const silencer = new Silencer(log.state.silences)
    const { externalUrl, onDelivery = () => {} } = options
    this.#dispatcher = new Dispatcher(
      { log, silencer, clock, random, logger, externalUrl, onDelivery },
      { config, notifiers: this.#notifiers },
    )
    this.#mirror = new TicketMirror(log, clock, random)
    this.#operations = new OperationLog(log, random, logger, observe)
    this.silences = new SilenceBook(log, silencer, platform, this.#operations)
    this.acknowledgements = new AcknowledgementBook(log, clock, this.#operations)
    this.tickets = new TicketBook(log, clock, this.#operations, () => this.#mirror.pump())
    this.#connect(config)
  }

  /**
   * Goes on where the last run ended, however it ended: what was due is delivered. Throws an
   * AlertingVersionError, or the disk's error.
   */
  static async open(
    platform: AlertingPlatform,
    options: AlertingOptions,
    outlets: Outlets,
    config: AlertingConfig,
    observe: OperationObserver = () => {},
  ): Promise<AlertingPipeline> {
    const log = await StateLog.open(platform.disk, options.directory, platform.logger)
    const pipeline = new AlertingPipeline(platform, options, outlets, log, config, observe)
    pipeline.#start()
    return pipeline
  }

  /**
   * Takes in all alerts of an evaluation of rules, each time anew; those that are over as long as the
   * caller likes. Resolves once changes are durable; answers what was refused, and why.
   */
  async receive(incoming: readonly IncomingAlert[]): Promise<readonly RefusedAlert[]> {
    const { maxAlerts } = this.#options
    const { resolveTimeoutMs } = this.#config
    const nowMs = this.#platform.clock.now()
    const { accepted, refused } = takeIn(this.#log, incoming, nowMs, {
      maxAlerts,
      resolveTimeoutMs,
    })
    for (const alert of accepted) {
      if (this.#log.state.alerts.has(alert.fingerprint)) this.#dispatcher.add(alert)
    }
    for (const forwarder of this.#forwarders) forwarder.forward(accepted)
    if (refused.length > 0) {
      const [first] = refused
      this.#platform.logger.warn({ count: refused.length, first }, 'alerts were refused')
    }
    await this.#work()
    return refused
  }

  /** Takes a configuration into effect. What was told before stays told. */
  async reconfigure(config: AlertingConfig): Promise<void> {
    this.#config = config
    this.#notifiers = this.#makeNotifiers(config)
    this.#connect(config)
    this.#dispatcher.configure({ config, notifiers: this.#notifiers })
    await this.#work()
  }

  get config(): AlertingConfig {
    return this.#config
  }

  get receivers(): readonly Receiver[] {
    return [...this.#config.receivers.values()]
  }

  /** Notifications that were not delivered yet. */
  get waitingCount(): number {
    return this.#dispatcher.waitingCount
  }

  get alerts(): ReadonlyMap<string, Alert> {
    return this.#log.state.alerts
  }

  get groups() {
    return this.#dispatcher.groups
  }

  judge() {
    return this.#dispatcher.judge()
  }

  deliveries(query: DeliveryQuery): readonly Delivery[] {
    return this.#log.state.deliveries.find(query)
  }

  /**
   * Sends a notification that says it is a test to each integration of a contact point, once, and
   * answers what came back. Throws a RequestError when there is no such contact point; rejects with the disk's error.
   */
  async testContactPoint(name: string, by: string): Promise<readonly Delivery[]> {
    const receiver = this.#config.receivers.get(name)
    if (!receiver) throw new RequestError('not-found', `there is no contact point ${name}`)
    const integrations = integrationNames(receiver).map(([integration]) => integration)
    this.#operations.note({
      operation: 'contact-point.test',
      actor: by,
      occurredAtMs: this.#platform.clock.now(),
      resource: { kind: 'contact-point', id: name },
      before: null,
      after: { integrations },
    })
    // Durable before anybody hears of it: what was sent cannot be taken back.
    await this.#operations.commit()
    const deliveries = await Promise.all(
      integrations.map((integration) =>
        sendTest({
          receiver: name,
          integration,
          notifier: this.#notifiers.get(notifierKey(name, integration)),
          by,
          id: this.#platform.random.bytes(16).toString('hex'),
          severities: this.#config.severities,
          externalUrl: this.#options.externalUrl,
          nowMs: this.#platform.clock.now(),
        }),
      ),
    )
    for (const delivery of deliveries) this.#log.apply({ kind: 'delivery', delivery })
    await this.#log.commit()
    return deliveries
  }

  /** Starts nothing more, and waits for what is on its way. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    for (const cancel of this.#cancels) cancel()
    await Promise.all([
      this.#dispatcher.stop(),
      this.#mirror.stop(),
      ...this.#forwarders.map((forwarder) => forwarder.stop()),
    ])
    await this.#log.close()
  }

  #start(): void {
    const { timers } = this.#platform
    this.#cancels.push(
      timers.every(TICK_MS, () => void this.#work()),
      timers.every(PRUNE_MS, () => this.silences.prune()),
    )
  }

  /** Looks at groups, makes durable what follows, and only then tells anybody. */
  async #work(): Promise<void> {
    const nowMs = this.#platform.clock.now()
    if (nowMs < this.#lastTickMs - CLOCK_TOLERANCE_MS) this.#dispatcher.rescheduleBy(nowMs)
    this.#lastTickMs = nowMs
    this.#dispatcher.flushDue()
    try {
      await this.#operations.commit()
    } catch (error) {
      // People must hear of it all the same; the next commit tries to write everything anew.
      this.#platform.logger.error({ err: error }, 'the state of alerting could not be kept')
    }
    this.#dispatcher.pump()
    this.#mirror.pump()
  }

  #makeNotifiers(config: AlertingConfig): ReadonlyMap<string, Notifier> {
    return new Map(
      [...config.receivers.values()].flatMap((receiver) =>
        integrationNames(receiver).map(([name, integration]) => [
          notifierKey(receiver.name, name),
          this.#outlets.notifier(integration, receiver.name),
        ]),
      ),
    )
  }

  #connect({ tickets, alertmanagers }: AlertingConfig): void {
    this.#mirror.configure(tickets.mirror && this.#outlets.ticketMirror(tickets.mirror))
    for (const old of this.#forwarders) void old.stop()
    this.#forwarders = alertmanagers.map((target) => this.#outlets.forwarder(target))
  }
}
