import type { Command } from '../commands.ts'
import type { FoldedState } from '../folded-state.ts'
import { decideAlterBrokerConfig, decideAlterTopicConfig } from './configs.ts'
import type { Decision, DecisionContext } from './decision.ts'
import { refuse } from './decision.ts'
import { decideAllocateProducerIds } from './producer-ids.ts'
import { decideDeleteRecords } from './records.ts'
import { decideCreatePartitions, decideCreateTopic, decideDeleteTopic } from './topics.ts'

/** What a command would do to this state. Pure. */
export function decide(state: FoldedState, command: Command, context: DecisionContext): Decision {
  switch (command.kind) {
    case 'topic.create':
      return decideCreateTopic(state, command, context)
    case 'topic.delete':
      return decideDeleteTopic(state, command, context)
    case 'topic.partitions.create':
      return decideCreatePartitions(state, command, context)
    case 'topic.config.alter':
      return decideAlterTopicConfig(state, command, context)
    case 'broker.config.alter':
      return decideAlterBrokerConfig(state, command, context)
    case 'records.delete':
      return decideDeleteRecords(state, command, context)
    case 'producer-ids.allocate':
      return decideAllocateProducerIds(state)
    default:
      return refuse('UNSUPPORTED_VERSION', `${command.kind} is not served yet.`, {
        kind: 'call',
        name: command.kind,
        id: null,
      })
  }
}
