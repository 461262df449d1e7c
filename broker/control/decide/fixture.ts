import { seededRandom } from '../../../kit/index.ts'
import type { BrokerConfig } from '../broker-config.ts'
import { createBrokerConfig } from '../broker-config.ts'
import { topicDefaults } from '../effective-topic-config.ts'
import { LiveState } from '../fold/folded-state.ts'
import type { ListenerSettings, PlanListeners } from '../listeners.ts'
import type { Topic } from '../port.ts'
import { newSecret } from '../secrets/new-secret.ts'
import type { DecisionContext } from './decision.ts'

/** Broker 1 at a known time, with these settings; ids count up. For tests. */
export function exampleContext(overrides: Record<string, string> = {}): DecisionContext {
  const config: BrokerConfig = createBrokerConfig({ overrides })
  let ids = 0
  const random = seededRandom(7)
  return {
    nowMs: 1_700_000_000_000,
    nodeId: 1,
    newId: () => `new-id-${++ids}`,
    principal: 'User:alice',
    listener: 'PLAINTEXT',
    isSystem: false,
    isDiskFull: false,
    diskSpace: () => ({ usedBytes: 1000, freeBytes: 9000, floorBytes: 500 }),
    planListeners: exampleListeners,
    newSecret: (value) => newSecret(value, random),
    broker: config.values,
    topicDefaults: topicDefaults(config.layers),
    brokerConfigFaults: config.check,
    logBounds: (topicId, partition) =>
      topicId === 'orders-id' && partition < 2
        ? { logStartOffset: 10, highWatermark: 100 }
        : undefined,
  }
}

/** A broker that was started with two listeners. Nobody may be let in from everywhere. */
export const exampleListeners: PlanListeners = (overrides) => {
  const listeners = new Map<string, ListenerSettings>()
  for (const [name, port] of Object.entries({ PLAINTEXT: 9092, ADMIN: 9093 })) {
    const bind = { host: '127.0.0.1', port, advertised: null }
    listeners.set(name, { name, ...bind, protocol: 'PLAINTEXT' })
  }
  const configured = new Set(listeners.keys())
  for (const override of overrides.values()) {
    if (override.isRemoved) listeners.delete(override.name)
    else listeners.set(override.name, override)
  }
  const faults = [...listeners.values()]
    .filter(({ host }) => host === '0.0.0.0')
    .map(({ name }) => ({ name: 'listeners', message: `${name} is open to everybody` }))
  return { configured, listeners, faults }
}

export function exampleTopic(name: string, changes: Partial<Topic> = {}): Topic {
  return {
    id: `${name}-id`,
    name,
    partitionCount: 3,
    configs: {},
    internal: false,
    createdAtMs: 1_600_000_000_000,
    ...changes,
  }
}

export function exampleState(...topics: readonly Topic[]): LiveState {
  const state = new LiveState()
  for (const topic of topics) state.putTopic(topic)
  return state
}
