import type { BrokerConfig } from './broker-config.ts'
import type { DiskPolicy } from './disk-policy.ts'
import { effectiveRetentionMs } from './disk-policy.ts'
import type { EffectiveTopicConfig } from './effective-topic-config.ts'
import { effectiveTopicConfig, topicDefaults } from './effective-topic-config.ts'

type Texts = Readonly<Record<string, string>>

interface ConfiguredTopic {
  readonly configs: Texts
  readonly internal: boolean
}

/**
 * Effective configurations, computed once per version of a topic: a changed topic is a new object,
 * and a change of the broker's defaults forgets all.
 */
export class EffectiveTopicConfigs {
  readonly #brokerConfig: BrokerConfig
  #defaultTexts: Texts
  #defaults: EffectiveTopicConfig
  #byTopic = new WeakMap<ConfiguredTopic, EffectiveTopicConfig>()
  #diskPolicy: DiskPolicy | null = null

  constructor(brokerConfig: BrokerConfig) {
    this.#brokerConfig = brokerConfig
    this.#defaultTexts = topicDefaults(brokerConfig.layers)
    this.#defaults = effectiveTopicConfig({}, this.#defaultTexts, false)
    brokerConfig.onChange(() => this.#forget())
  }

  of(topic: ConfiguredTopic | undefined): EffectiveTopicConfig {
    if (!topic) return this.#defaults
    let effective = this.#byTopic.get(topic)
    if (!effective) {
      effective = this.#obeyPolicy(
        effectiveTopicConfig(topic.configs, this.#defaultTexts, topic.internal),
        topic.internal,
      )
      this.#byTopic.set(topic, effective)
    }
    return effective
  }

  /** The broker's defaults in the topics' names, as text. */
  get defaultTexts(): Texts {
    return this.#defaultTexts
  }

  /** What may shorten the retention of topics that clients write to. */
  setDiskPolicy(policy: DiskPolicy | null): void {
    this.#diskPolicy = policy
    this.#byTopic = new WeakMap()
  }

  #obeyPolicy(config: EffectiveTopicConfig, isInternal: boolean): EffectiveTopicConfig {
    if (this.#diskPolicy === null || isInternal) return config
    const retentionMs = effectiveRetentionMs(config.log.retentionMs, this.#diskPolicy)
    return { ...config, log: { ...config.log, retentionMs } }
  }

  #forget(): void {
    this.#defaultTexts = topicDefaults(this.#brokerConfig.layers)
    this.#defaults = effectiveTopicConfig({}, this.#defaultTexts, false)
    this.#byTopic = new WeakMap()
  }
}
