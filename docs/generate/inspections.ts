import { CHECKS } from '../../monitor/index.ts'
import { page, table } from './markdown.ts'

/** docs/inspections.md: every check, by what it is about. */
export function renderInspections(): string {
  const areas = [...new Set(CHECKS.map(({ area }) => area))].sort()
  return page(
    'Inspections',
    'What the monitor looks at by itself (`monitor-inspection-schedule`), when an alert begins to fire, and when `glasslog inspect` or `POST /v1/inspections/run` asks it to. Each finding has numbers and a chart, the likely cause, steps to mend it, and how to see that they helped; many can be carried out by the broker itself, after a dry run, as a control operation like any other. Counters are looked at over the last 10 minutes. A finding is open, muted for a month, or fixed; what is still open after 7 days is raised again.',
    'Health is Healthy up to 80 % of connections and disk, Alarm up to 95 %, Abnormal beyond; bandwidth may reach 100 % of what is planned before it is Abnormal.',
    ...areas.flatMap((area) => [
      `## ${area.charAt(0).toUpperCase()}${area.slice(1)}`,
      table(
        ['Check', 'What is found', 'Severity', 'Looks at', 'To verify'],
        CHECKS.filter((check) => check.area === area).map((check) => [
          `\`${check.id}\``,
          ...[check.title, check.severity, check.looksAt, check.verify],
        ]),
      ),
    ]),
  )
}
