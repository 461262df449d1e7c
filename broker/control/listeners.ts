import type { ConfigFault } from '../../kit/index.ts'

/** A listener that the process was not started with, or not like that. */
export interface ListenerSettings {
  readonly name: string
  readonly host: string
  /** 0 takes any free port, each time anew. */
  readonly port: number
  /** What clients are told; null for where it is bound. */
  readonly advertised: { readonly host: string; readonly port: number } | null
  /** PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL. Keys and mechanisms are those of the configuration. */
  readonly protocol: string
}

/** What was set of a listener while running, in place of what the process was started with. */
export type ListenerOverride =
  | (ListenerSettings & { readonly isRemoved: false })
  | { readonly name: string; readonly isRemoved: true }

/** By the listener's name. */
export type ListenerOverrides = ReadonlyMap<string, ListenerOverride>

/** The listeners that there would be. */
export interface PlannedListeners {
  /** Whether the process was started with it. */
  readonly configured: ReadonlySet<string>
  readonly listeners: ReadonlyMap<string, ListenerSettings>
  /** Why they cannot be: what a listener lacks, or a door that would be open without being meant. */
  readonly faults: readonly ConfigFault[]
}

/** Works out what the configuration of the process and these overrides come to. Pure. */
export type PlanListeners = (overrides: ListenerOverrides) => PlannedListeners

export type PreparedListeners =
  | {
      readonly kind: 'ready'
      /** Takes connections on what was opened, and closes what goes. Must not throw. */
      commit(): void
      /** As if nothing had been prepared. Must not reject. */
      abort(): Promise<void>
    }
  | { readonly kind: 'refused'; readonly message: string }

/** The listeners as the control plane needs them; who has the sockets gives itself to it. */
export interface ListenerChanges {
  /**
   * Binds the listener of that name as these overrides want it, and reads the keys that it needs,
   * without letting anybody in. Never rejects.
   */
  prepare(overrides: ListenerOverrides, name: string): Promise<PreparedListeners>
}

/** What is answered until clients are served. */
export const noListeners: ListenerChanges = {
  prepare: async () => ({ kind: 'refused', message: 'The listeners are not open yet.' }),
}

/** For a control plane without a network. */
export const planNothing: PlanListeners = () => ({
  configured: new Set(),
  listeners: new Map(),
  faults: [{ name: 'listeners', message: 'there are no listeners here' }],
})
