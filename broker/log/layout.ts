import type { Uuid } from '../../kit/index.ts'

/** Where things lie below the engine's directory. */
export interface Layout {
  readonly directory: string
  readonly lockFile: string
  readonly formatFile: string
  readonly checkpointFile: string
  readonly journal: string
  readonly topics: string
  readonly quarantine: string
  topic(topicId: Uuid): string
  partition(topicId: Uuid, partition: number): string
  /** Where the topic goes that the frame with that sequence sets aside. */
  setAside(topicId: Uuid, sequence: number): string
}

export function layoutOf(directory: string): Layout {
  return {
    directory,
    lockFile: `${directory}/lock`,
    formatFile: `${directory}/format.json`,
    checkpointFile: `${directory}/checkpoint`,
    journal: `${directory}/journal`,
    topics: `${directory}/topics`,
    quarantine: `${directory}/quarantine`,
    topic: (topicId) => `${directory}/topics/${topicId}`,
    partition: (topicId, partition) => `${directory}/topics/${topicId}/${partition}`,
    setAside: (topicId, sequence) => `${directory}/quarantine/${topicId}-set-aside-${sequence}`,
  }
}
