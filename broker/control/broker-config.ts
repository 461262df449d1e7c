import type { ConfigFault, ConfigValues } from '../../kit/index.ts'
import { ConfigError } from '../../kit/index.ts'
import { brokerConfigs } from './broker-configs.ts'
import { splitListenerOverrides } from './listener-overrides.ts'

export type BrokerConfigValues = ConfigValues<typeof brokerConfigs.rows>

type Texts = Readonly<Record<string, string>>

/** Where values come from, weakest first below the defaults: the process's file, then dynamic changes. */
export interface BrokerConfigLayers {
  readonly fixed: Texts
  readonly clusterWide: Texts
  readonly perBroker: Texts
}

/** What the process decided when it started, shown by DescribeConfigs but set in other ways. */
export interface BrokerFact {
  readonly name: string
  readonly value: string
  readonly doc: string
}

export interface BrokerConfigOptions {
  /** From the process's configuration file, under Kafka's names. */
  readonly overrides: Texts
  readonly facts?: readonly BrokerFact[]
}

/** The broker's configuration in effect. */
export interface BrokerConfig {
  /** By property name, such as `logRetentionMs`. One live object: a dynamic change shows at once. */
  readonly values: BrokerConfigValues
  readonly layers: BrokerConfigLayers
  readonly facts: readonly BrokerFact[]
  /** As they are set for one listener, by its name in any case. They do not change while running. */
  valuesOfListener(name: string): BrokerConfigValues
  /** Every fault that these dynamic layers would have together with the fixed one. */
  check(clusterWide: Texts, perBroker: Texts): readonly ConfigFault[]
  /**
   * Replaces the dynamic layers. Only the control plane does this, with what the history says; what
   * an older version accepted and this one does not is left out.
   */
  applyDynamic(clusterWide: Texts, perBroker: Texts): void
  /** Called after a change. Answers how to stop. */
  onChange(listener: (values: BrokerConfigValues) => void): () => void
}

/** Throws a ConfigError that names every fault of the overrides. */
export function createBrokerConfig(options: BrokerConfigOptions): BrokerConfig {
  const { broker: fixed, byListener, faults: misplaced } = splitListenerOverrides(options.overrides)
  const faults = [
    ...misplaced,
    ...brokerConfigs.faults(fixed),
    ...[...byListener.values()].flatMap((texts) => brokerConfigs.faults(texts)),
    ...crossFaults(fixed),
  ]
  if (faults.length > 0) throw new ConfigError(faults)

  const values = { ...brokerConfigs.parse(fixed) }
  const listeners = new Set<(values: BrokerConfigValues) => void>()
  let layers: BrokerConfigLayers = { fixed, clusterWide: {}, perBroker: {} }
  return {
    values,
    get layers() {
      return layers
    },
    facts: options.facts ?? [],
    valuesOfListener: (name) =>
      brokerConfigs.parse({ ...fixed, ...byListener.get(name.toLowerCase()) }),
    check(clusterWide, perBroker) {
      return [
        ...brokerConfigs.faults(clusterWide),
        ...brokerConfigs.faults(perBroker),
        ...crossFaults({ ...fixed, ...clusterWide, ...perBroker }),
      ]
    },
    applyDynamic(clusterWide, perBroker) {
      layers = {
        fixed,
        clusterWide: brokerConfigs.sound(clusterWide),
        perBroker: brokerConfigs.sound(perBroker),
      }
      Object.assign(values, brokerConfigs.parse(mergeLayers(layers)))
      for (const listener of listeners) listener(values)
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** What is set, the strongest layer's text for each key. */
export function mergeLayers(layers: BrokerConfigLayers): Texts {
  return { ...layers.fixed, ...layers.clusterWide, ...layers.perBroker }
}

/** What single rows cannot see. */
function crossFaults(texts: Texts): readonly ConfigFault[] {
  if (brokerConfigs.faults(texts).length > 0) return []
  const values = brokerConfigs.parse(texts)
  const faults: ConfigFault[] = []
  if (values.logCleanerMinCompactionLagMs > values.logCleanerMaxCompactionLagMs) {
    faults.push({
      name: 'log.cleaner.min.compaction.lag.ms',
      message: `log.cleaner.min.compaction.lag.ms (${values.logCleanerMinCompactionLagMs}) must not be more than log.cleaner.max.compaction.lag.ms (${values.logCleanerMaxCompactionLagMs})`,
    })
  }
  if (values.groupMinSessionTimeoutMs > values.groupMaxSessionTimeoutMs) {
    faults.push({
      name: 'group.min.session.timeout.ms',
      message: `group.min.session.timeout.ms (${values.groupMinSessionTimeoutMs}) must not be more than group.max.session.timeout.ms (${values.groupMaxSessionTimeoutMs})`,
    })
  }
  return faults
}
