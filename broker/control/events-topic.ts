import type { Topic } from './port.ts'

const DAY_MS = 86_400_000

/**
 * The topic of what operators ask about. Like that of the history it is there from the start and
 * without a record, under a fixed id (its bytes spell `glasslog-events1`). Whoever may READ it reads
 * it with any client; nobody but the broker appends to it. Events are kept for a week, and never
 * take more of the disk than this, whatever somebody provokes.
 */
export const EVENTS_TOPIC: Omit<Topic, 'createdAtMs'> = {
  id: 'Z2xhc3Nsb2ctZXZlbnRzMQ',
  name: '__events',
  partitionCount: 1,
  configs: {
    'cleanup.policy': 'delete',
    'retention.bytes': String(512 * 1024 * 1024),
    'retention.ms': String(7 * DAY_MS),
    'segment.bytes': String(16 * 1024 * 1024),
    'segment.ms': String(DAY_MS),
  },
  internal: true,
}
