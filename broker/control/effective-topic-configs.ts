import type { BrokerConfig } from './broker-config.ts'
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
      effective = effectiveTopicConfig(topic.configs, this.#defaultTexts, topic.internal)
      this.#byTopic.set(topic, effective)
    }
    return effective
  }

  /** The broker's defaults in the topics' names, as text. */
  get defaultTexts(): Texts {
    return this.#defaultTexts
  }

  #forget(): void {
    this.#defaultTexts = topicDefaults(this.#brokerConfig.layers)
    this.#defaults = effectiveTopicConfig({}, this.#defaultTexts, false)
    this.#byTopic = new WeakMap()
  }
}
