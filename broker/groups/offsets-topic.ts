import type { Logger } from '../../kit/index.ts'
import type { ControlPlane, Topic } from '../control/index.ts'
import { systemActor } from '../control/index.ts'
import type { GroupConfig } from './group-config.ts'

export const OFFSETS_TOPIC_NAME = '__consumer_offsets'

/** The internal topic that holds the groups: found, or created when a group first needs it. */
export class OffsetsTopic {
  readonly #control: ControlPlane
  readonly #config: GroupConfig
  readonly #logger: Logger
  #creating: Promise<void> | undefined

  constructor(control: ControlPlane, config: GroupConfig, logger: Logger) {
    this.#control = control
    this.#config = config
    this.#logger = logger
  }

  find(): Topic | undefined {
    return this.#control.state.topics.get(OFFSETS_TOPIC_NAME)
  }

  /** The topic, created if need be; undefined when it could not be. */
  async ensure(): Promise<Topic | undefined> {
    const existing = this.find()
    if (existing) return existing
    this.#creating ??= this.#create().finally(() => {
      this.#creating = undefined
    })
    await this.#creating
    return this.find()
  }

  async #create(): Promise<void> {
    const { offsetsTopicPartitions, offsetsTopicSegmentBytes } = this.#config
    const [outcome] = await this.#control.execute(
      [
        {
          kind: 'topic.create',
          name: OFFSETS_TOPIC_NAME,
          partitionCount: offsetsTopicPartitions,
          replicationFactor: 1,
          assignments: [],
          configs: [
            { name: 'cleanup.policy', value: 'compact' },
            { name: 'compression.type', value: 'producer' },
            { name: 'segment.bytes', value: String(offsetsTopicSegmentBytes) },
          ],
          automatic: true,
          internal: true,
        },
      ],
      systemActor,
    )
    if (outcome?.error !== 'NONE') {
      this.#logger.error(
        { error: outcome?.error, reason: outcome?.message },
        'could not create the topic of the group coordinator',
      )
    }
  }
}
