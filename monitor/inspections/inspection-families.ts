import type { Family } from '../metrics/index.ts'
import { SEVERITIES } from './check.ts'
import type { Finding } from './finding.ts'
import type { HealthState } from './health.ts'
import type { InspectionReport } from './inspector.ts'

const MOVED_BY = 'monitor/inspections/inspections-api.test.ts'
const HEALTH: readonly HealthState[] = ['Healthy', 'Alarm', 'Abnormal']
const STATES = ['open', 'muted'] as const

export interface InspectionMetricSources {
  readonly findings: () => readonly Finding[]
  /** Null before the first inspection. */
  readonly lastReport: () => InspectionReport | null
}

/** How many findings there are, how the cluster is, and when somebody looked last. */
export function inspectionFamilies(sources: InspectionMetricSources): readonly Family[] {
  return [
    {
      ...{ name: 'glasslog_inspection_findings', type: 'gauge', movedBy: MOVED_BY },
      labels: ['severity', 'state'],
      help: 'Findings of inspections that are open or muted.',
      *samples() {
        const found = sources.findings()
        for (const severity of SEVERITIES) {
          for (const state of STATES) {
            const value = found.filter((one) => one.severity === severity && one.state === state)
            yield { labels: { severity, state }, value: value.length }
          }
        }
      },
    },
    {
      ...{ name: 'glasslog_inspection_health', type: 'gauge', labels: [], movedBy: MOVED_BY },
      help: 'Health of the cluster: 1 Healthy, 2 Alarm, 3 Abnormal; absent before the first inspection.',
      *samples() {
        const report = sources.lastReport()
        if (report !== null) yield { labels: {}, value: HEALTH.indexOf(report.health.state) + 1 }
      },
    },
    {
      ...{ name: 'glasslog_inspection_duration_seconds', type: 'gauge', labels: [] },
      movedBy: MOVED_BY,
      help: 'How long the last inspection took.',
      *samples() {
        const report = sources.lastReport()
        if (report !== null) yield { labels: {}, value: report.durationMs / 1000 }
      },
    },
    {
      ...{ name: 'glasslog_inspection_timestamp_seconds', type: 'gauge', labels: [] },
      movedBy: MOVED_BY,
      help: 'When the last inspection began.',
      *samples() {
        const report = sources.lastReport()
        if (report !== null) yield { labels: {}, value: report.startedAtMs / 1000 }
      },
    },
  ]
}
