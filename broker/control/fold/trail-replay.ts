import type { HistoryTrail } from '../../../audit/index.ts'
import type { Uuid } from '../../../kit/index.ts'
import type { LogStore } from '../../log/index.ts'
import type { Replay } from './replay.ts'
import { stateOf } from './replay.ts'

/**
 * The state in effect, from a trail that has found it already by a snapshot. Of topics that once
 * were, only those are named whose logs are still there: for them the history is asked.
 */
export async function replayTrail(trail: HistoryTrail, log: LogStore): Promise<Replay> {
  const resources = trail.state.copy()
  const state = stateOf(resources)
  const deletedTopicIds = new Set<Uuid>()
  const asked = new Set<Uuid>()
  for (const { topicId } of log.logs()) {
    if (asked.has(topicId)) continue
    asked.add(topicId)
    if (state.topicsById.has(topicId) || state.deletedTopics.has(topicId)) continue
    if (await wasTopic(trail, topicId)) deletedTopicIds.add(topicId)
  }
  return { state, resources, deletedTopicIds }
}

async function wasTopic(trail: HistoryTrail, topicId: Uuid): Promise<boolean> {
  let cursor: string | null = ''
  while (cursor !== null) {
    const query = { resource: topicId, outcome: 'success', limit: 1 }
    const page = await trail.query(cursor === '' ? query : { ...query, cursor })
    if (page.records.some(({ resource }) => resource.kind === 'topic')) return true
    cursor = page.next
  }
  return false
}
