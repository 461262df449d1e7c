import type { Quotas, ThrottleCount } from '../../quotas/index.ts'
import type { Family, Sample } from '../family.ts'

const MOVED_BY = 'broker/telemetry/families/quotas.test.ts'

/** Holds by user (or address) and by topic: of names beyond the first 200 of a limit, as `other`. */
export function quotaFamilies(quotas: Quotas): readonly Family[] {
  return [
    ...pair(
      quotas,
      'glasslog_quota',
      'a client was held by its quota',
      ['quota', 'entity'],
      ({ kind }) => !kind.startsWith('topic_'),
    ),
    ...pair(
      quotas,
      'glasslog_topic_quota',
      'a client was held by the throttle of a topic',
      ['quota', 'topic'],
      ({ kind }) => kind.startsWith('topic_'),
    ),
    {
      ...{ name: 'glasslog_quota_throttles', type: 'gauge', labels: [], movedBy: MOVED_BY },
      help: 'Users, client ids and addresses under a quota that are kept count of. At most 10,000.',
      *samples(): Iterable<Sample> {
        yield { labels: {}, value: quotas.throttleCount }
      },
    },
  ]
}

function pair(
  quotas: Quotas,
  prefix: string,
  what: string,
  [quotaLabel, nameLabel]: readonly [string, string],
  isMeant: (count: ThrottleCount) => boolean,
): readonly Family[] {
  const family = (name: string, help: string, read: (count: ThrottleCount) => number): Family => ({
    ...{ name: `${prefix}_${name}`, type: 'counter', help, movedBy: MOVED_BY },
    labels: [quotaLabel, nameLabel],
    *samples(): Iterable<Sample> {
      for (const count of quotas.counts.all()) {
        if (!isMeant(count)) continue
        const labels = { [quotaLabel]: count.kind, [nameLabel]: count.name }
        yield { labels, value: read(count) }
      }
    },
  })
  return [
    family('throttled_total', `How often ${what}.`, ({ count }) => count),
    family(
      'throttle_seconds_total',
      `For how long ${what}, as clients were told.`,
      ({ totalMs }) => totalMs / 1000,
    ),
  ]
}
