import type { HistoryRecord } from '../../audit/index.ts'
import type { AccessDecision } from './access.ts'
import type { Command } from './commands.ts'
import type { Decision } from './decide/decision.ts'
import type { Effects } from './log-effects.ts'
import type { ClusterState, DeletedTopic, Outcome, Topic } from './port.ts'

/** A command with what was decided, and its record unless it leaves none. */
export interface Step {
  readonly command: Command
  readonly decision: Decision
  readonly access: AccessDecision
  readonly record: HistoryRecord | null
  /** The broker's own, because of the step before: nobody asked for it, and nobody is answered. */
  readonly isConsequence?: true
}

export function isAsked({ isConsequence }: Step): boolean {
  return isConsequence !== true
}

/** Whether nobody attempted the operation: a client's first use of a topic, or the broker itself. */
export function isAutomatic(
  command: Command,
): command is Command & { readonly kind: 'topic.create' } {
  return command.kind === 'topic.create' && command.automatic === true
}

/** What an automatic creation decides when the topic is there by then. */
export function alreadyThere(topic: Topic): Decision {
  return {
    error: 'NONE',
    resource: { kind: 'topic', name: topic.name, id: topic.id },
    before: null,
    after: null,
    reversal: 'none',
    result: topic,
  }
}

export function outcomeOf(step: Step, recorded: boolean): Outcome {
  const { decision, record } = step
  const seq = recorded ? (record?.seq ?? -1) : -1
  if (decision.error === 'NONE') {
    return { error: 'NONE', message: null, seq, after: decision.result }
  }
  return { error: decision.error, message: decision.message, seq, after: null }
}

/** Nothing happens that is not recorded; what was refused anyway keeps its reason. */
export function unrecorded(step: Step, failure: string): Outcome {
  if (step.decision.error !== 'NONE' || step.record === null) return outcomeOf(step, false)
  return { error: 'KAFKA_STORAGE_ERROR', message: failure, seq: -1, after: null }
}

/** What the storage engine has to do once the records are applied. */
export function effectsOf(steps: readonly Step[], state: ClusterState): Effects {
  const create: Topic[] = []
  const configure: Topic[] = []
  const retain: DeletedTopic[] = []
  for (const { command, record } of steps) {
    if (record?.outcome.code !== 'NONE') continue
    const id = record.resource.id ?? ''
    const topic = state.topicsById.get(id)
    switch (command.kind) {
      case 'topic.create':
      case 'topic.partitions.create':
        // None when a later command of the call deleted it.
        if (topic) create.push(topic)
        break
      case 'topic.config.alter':
        if (topic) configure.push(topic)
        break
      case 'broker.config.alter':
        configure.push(...state.topics.values())
        break
      case 'topic.restore':
        // One that was created and deleted in a single call never had logs.
        if (topic) create.push(topic)
        if (topic) configure.push(topic)
        break
      case 'topic.delete': {
        // Nothing of it may be lost until it is purged.
        const deleted = state.deletedTopics.get(id)
        if (deleted) retain.push(deleted)
        break
      }
    }
  }
  return { create, configure, retain }
}
