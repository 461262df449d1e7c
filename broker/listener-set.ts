import type { Logger } from '../kit/index.ts'
import { ConfigError } from '../kit/index.ts'
import type { ListenerView } from './admin/index.ts'
import { advertisedEndpoint } from './advertised-endpoint.ts'
import type { ListenerChanges, ListenerOverrides, PreparedListeners } from './control/index.ts'
import type { AdvertisedEndpoint } from './handlers/index.ts'
import type { ListenerPlanning } from './listener-planning.ts'
import { fittingOverrides, safePlans } from './listener-planning.ts'
import type { KafkaServer, PreparedListener } from './network/index.ts'
import type { ListenerPlan, OpenListener, OpenSecurity } from './security/index.ts'

interface OpenDoor {
  plan: ListenerPlan
  readonly keys: OpenListener
}

export interface ListenerSetOptions extends ListenerPlanning {
  readonly server: KafkaServer
  readonly openSecurity: OpenSecurity
  readonly logger: Logger
  /** What clients are told where a listener does not say itself. */
  readonly advertised: { readonly host: string | null; readonly port: number | null }
  /** Told after each change. */
  readonly onChange: () => void
}

/** What changes of one listener. */
interface Change {
  readonly plan: ListenerPlan
  readonly keys: OpenListener
  readonly prepared: PreparedListener
}

/** The listeners that are open, by plan; they change as the history says, without a restart. */
export class ListenerSet implements ListenerChanges {
  readonly #options: ListenerSetOptions
  readonly #open = new Map<string, OpenDoor>()
  /** What was wanted last, in order, whether or not it could be opened. */
  #wanted: readonly ListenerPlan[] = []

  constructor(options: ListenerSetOptions) {
    this.#options = options
  }

  /** In the order of the configuration; those that were added come last. */
  get plans(): readonly ListenerPlan[] {
    return this.#wanted.flatMap(({ name }) => this.#open.get(name)?.plan ?? [])
  }

  /** The address that is announced as the broker's. */
  get first(): AdvertisedEndpoint {
    const [first] = this.plans
    if (!first) throw new Error('no listener is open')
    return this.#options.server.boundTo(first.name)
  }

  /** The broker's address for a client that came by this listener. */
  toldTo(name: string, localAddress: string): AdvertisedEndpoint {
    const { server, advertised } = this.#options
    const plan = this.#open.get(name)?.plan
    // The listener was closed, and its last connections are about to end.
    if (!plan) return { host: localAddress, port: this.first.port }
    return advertisedEndpoint(advertised, plan.advertised, server.boundTo(name), localAddress)
  }

  /** For operators. */
  views(): readonly ListenerView[] {
    return this.plans.map(({ name, protocol }) => {
      const bound = this.#options.server.boundTo(name)
      const told = this.toldTo(name, bound.host)
      const shown = { advertisedHost: told.host, advertisedPort: told.port }
      return { name, protocol, ...bound, ...shown }
    })
  }

  /**
   * Opens all of them. Rejects when one of the configuration cannot be opened; one that was set
   * while running and cannot be any more is left out, unless it was the only one.
   */
  async start(overrides: ListenerOverrides): Promise<void> {
    const { logger } = this.#options
    const fitting = fittingOverrides(this.#options, overrides, logger)
    this.#wanted = safePlans(this.#options, fitting)
    for (const plan of this.#wanted) {
      try {
        this.#admit(await this.#prepareOne(plan))
      } catch (cause) {
        if (!fitting.has(plan.name)) throw cause
        logger.error({ err: cause, listener: plan.name }, 'a listener could not be opened')
      }
    }
    if (this.#open.size === 0) {
      const message = 'none of the listeners could be opened; the log says why'
      throw new ConfigError([{ name: 'listeners', message }])
    }
  }

  async prepare(overrides: ListenerOverrides, name: string): Promise<PreparedListeners> {
    try {
      const wanted = safePlans(this.#options, overrides)
      const change = await this.#changeOf(wanted.find((plan) => plan.name === name))
      // Others may be wanted that could not be opened.
      if (!change && !wanted.some((plan) => this.#open.has(plan.name))) {
        return { kind: 'refused', message: 'No listener would be open.' }
      }
      return {
        kind: 'ready',
        commit: () => this.#commit(wanted, change),
        async abort() {
          await change?.prepared.abort()
          await change?.keys.close()
        },
      }
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause)
      return { kind: 'refused', message: `The listener cannot be opened: ${message}` }
    }
  }

  /** Null when nobody has to move: the listener goes, or only what clients are told is another. */
  async #changeOf(plan: ListenerPlan | undefined): Promise<Change | null> {
    const open = plan && this.#open.get(plan.name)
    if (!plan || (open && isSameDoor(open.plan, plan))) return null
    return this.#prepareOne(plan)
  }

  async close(): Promise<void> {
    for (const { keys } of this.#open.values()) await keys.close()
  }

  #commit(wanted: readonly ListenerPlan[], change: Change | null): void {
    if (change) this.#admit(change)
    for (const [name, door] of this.#open) {
      const plan = wanted.find((one) => one.name === name)
      if (plan) {
        door.plan = plan
        continue
      }
      this.#options.server.closeListener(name)
      this.#open.delete(name)
      this.#letGo(door)
    }
    this.#wanted = wanted
    this.#options.onChange()
  }

  #admit({ plan, keys, prepared }: Change): void {
    const before = this.#open.get(plan.name)
    prepared.commit()
    this.#open.set(plan.name, { plan, keys })
    if (before) this.#letGo(before)
  }

  #letGo({ plan, keys }: OpenDoor): void {
    keys.close().catch((err: unknown) => {
      this.#options.logger.error({ err, listener: plan.name }, 'keys are still looked at')
    })
  }

  async #prepareOne(plan: ListenerPlan): Promise<Change> {
    const { name, bind, values } = plan
    const keys = await this.#options.openSecurity(plan)
    try {
      const prepared = await this.#options.server.prepare({
        ...{ name, ...bind, security: keys.security },
        maxConnections: values.glasslogListenerMaxConnections,
      })
      return { plan, keys, prepared }
    } catch (cause) {
      await keys.close()
      throw cause
    }
  }
}

/** Whether only what clients are told may differ. */
function isSameDoor(one: ListenerPlan, other: ListenerPlan): boolean {
  const { host, port } = one.bind
  return host === other.bind.host && port === other.bind.port && one.protocol === other.protocol
}
