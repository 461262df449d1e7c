import type { InspectedCluster } from '../inspections/index.ts'
import type { Cause, Subject, Verdict } from './cause.ts'
import { DISK_CAUSES } from './disk-causes.ts'
import { GROUP_CAUSES } from './group-causes.ts'
import { TOPIC_CAUSES } from './topic-causes.ts'

export interface RankedCause extends Verdict {
  readonly cause: string
  readonly title: string
}

export interface Diagnosis {
  readonly subject: Subject
  /** Whether there is such a group or topic. */
  readonly isKnown: boolean
  /** The likeliest first; none when nothing unusual is seen. */
  readonly causes: readonly RankedCause[]
}

/** Why a group lags, a topic is slow, or the disk fills: a pure function over what was gathered. */
export function diagnose(subject: Subject, cluster: InspectedCluster): Diagnosis {
  switch (subject.kind) {
    case 'group':
      return {
        subject,
        isKnown: cluster.groups.some(({ group }) => group === subject.name),
        causes: ranked(GROUP_CAUSES, subject, cluster),
      }
    case 'topic':
      return {
        subject,
        isKnown: cluster.topics.some(({ name }) => name === subject.name),
        causes: ranked(TOPIC_CAUSES, subject, cluster),
      }
    case 'disk':
      return { subject, isKnown: true, causes: ranked(DISK_CAUSES, subject, cluster) }
    default:
      return subject satisfies never
  }
}

function ranked<Kind extends Subject['kind']>(
  causes: readonly Cause<Kind>[],
  subject: Extract<Subject, { readonly kind: Kind }>,
  cluster: InspectedCluster,
): readonly RankedCause[] {
  return causes
    .flatMap(({ id, title, judge }) => {
      const verdict = judge(subject, cluster)
      return verdict === null
        ? []
        : [{ cause: id, title, ...verdict, score: Math.round(verdict.score * 100) / 100 }]
    })
    .sort((a, b) => b.score - a.score)
}
