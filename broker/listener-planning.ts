import type { ConfigFault, Logger } from '../kit/index.ts'
import { ConfigError } from '../kit/index.ts'
import type {
  BrokerConfig,
  ListenerOverride,
  ListenerOverrides,
  ListenerSettings,
  PlannedListeners,
} from './control/index.ts'
import type { Endpoint, ListenerPlan } from './security/index.ts'
import { exposedListeners, planListeners } from './security/index.ts'

export interface ListenerPlanning {
  readonly config: BrokerConfig
  /** Of the one listener that there is when none is configured. */
  readonly process: Endpoint
  /** Whether other machines may reach listeners without TLS or a login. */
  readonly insecure: boolean
}

/** The plans, or a ConfigError with every fault, doors among them that are open without being meant. */
export function safePlans(
  { config, process, insecure }: ListenerPlanning,
  overrides: ListenerOverrides = new Map(),
): readonly ListenerPlan[] {
  const plans = planListeners(config, process, overrides)
  const exposed = insecure ? [] : exposedListeners(plans)
  if (exposed.length > 0) throw new ConfigError(exposed)
  return plans
}

/** As the control plane asks: what listeners there would be, and why they cannot. */
export function plannedListeners(
  planning: ListenerPlanning,
  overrides: ListenerOverrides,
): PlannedListeners {
  const configured = new Set(safePlans(planning).map(({ name }) => name))
  try {
    const plans = safePlans(planning, overrides)
    return {
      configured,
      listeners: new Map(plans.map((plan) => [plan.name, settingsOf(plan)])),
      faults: [],
    }
  } catch (cause) {
    return { configured, listeners: new Map(), faults: faultsOf(cause) }
  }
}

function settingsOf({ name, bind, advertised, protocol }: ListenerPlan): ListenerSettings {
  return { name, ...bind, advertised, protocol }
}

function faultsOf(cause: unknown): readonly ConfigFault[] {
  if (cause instanceof ConfigError) return cause.faults
  throw cause
}

/**
 * The overrides that can be, for a start: the process may have been started with another
 * configuration since, and one that does not fit any more must not keep the broker from starting.
 */
export function fittingOverrides(
  planning: ListenerPlanning,
  overrides: ListenerOverrides,
  logger: Logger,
): ListenerOverrides {
  const fitting = new Map<string, ListenerOverride>()
  for (const [name, override] of overrides) {
    fitting.set(name, override)
    const { faults, listeners } = plannedListeners(planning, fitting)
    if (faults.length === 0 && listeners.size > 0) continue
    fitting.delete(name)
    logger.error({ listener: name, faults }, 'what was set of a listener does not fit any more')
  }
  return fitting
}
