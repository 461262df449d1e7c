import type { ClusterState } from '../control/index.ts'
import type { TopicLookup } from './offsets/follow-topics.ts'

/** What became of topics, as the control plane's state says at the moment of asking. */
export function topicLookup(state: ClusterState): TopicLookup {
  return {
    idOf: (name) => state.topics.get(name)?.id,
    nameOf: (id) => state.topicsById.get(id)?.name,
    isRetained: (id) => state.deletedTopics.get(id)?.isPurging === false,
    retainedIdOf(name) {
      let latest: { readonly id: string; readonly deletedAtMs: number } | undefined
      for (const topic of state.deletedTopics.values()) {
        if (topic.name !== name || topic.isPurging) continue
        if (!latest || topic.deletedAtMs >= latest.deletedAtMs) latest = topic
      }
      return latest?.id
    },
  }
}
