import type { AlertingRule, RuleGroup } from '../../monitor/index.ts'
import { page, table } from './markdown.ts'

/** What a person reads in place of what a template fills in. */
const TEMPLATE = /\{\{-?\s*(.*?)\s*-?\}\}/g

/** Routes of the console port; all others are the broker's. */
const MONITOR_ROUTES = /^\/(api\/|v1\/(disk$|deliveries|diagnose|contact-points\/NAME\/test))/

/** What changes send, for an example of it; of some alarms another one. */
const BODIES: Readonly<Record<string, object>> = {
  'PATCH /v1/topics/TOPIC': { configs: { 'retention.ms': '86400000' } },
  'PATCH /v1/configs': { configs: { 'max.connections': '20000' } },
  'PUT /v1/disk-capacity': { capacityBytes: 2_000_000_000_000 },
  'PUT /v1/disk-policy': { mode: 'retention', thresholdPercent: 75 },
  'PUT /v1/groups/GROUP/offsets': { to: 'latest' },
  'GroupStopped PUT /v1/groups/GROUP/offsets': {
    to: 'shift',
    shift: 1,
    topics: [{ topic: 'TOPIC', partitions: [0] }],
  },
  'PUT /v1/quotas': { entity: { clientId: 'CLIENT' }, limits: { producer_byte_rate: 10_000_000 } },
}

/** docs/runbooks/: a page for each default alarm, and their list; by the names of the files. */
export function renderRunbooks(groups: readonly RuleGroup[]): ReadonlyMap<string, string> {
  const byName = new Map<string, { rules: AlertingRule[]; group: RuleGroup }>()
  for (const group of groups) {
    for (const rule of group.rules) {
      if (rule.kind !== 'alerting') continue
      const known = byName.get(rule.alert) ?? { rules: [], group }
      known.rules.push(rule)
      byName.set(rule.alert, known)
    }
  }
  const pages = new Map<string, string>()
  for (const [name, { rules, group }] of byName)
    pages.set(`${name}.md`, runbook(name, rules, group))
  pages.set('README.md', overview(byName))
  return pages
}

function overview(
  byName: ReadonlyMap<string, { readonly rules: readonly AlertingRule[] }>,
): string {
  const rows = [...byName].map(([name, { rules }]) => [
    `[${name}](${name}.md)`,
    rules.map(({ labels }) => labels.severity ?? '').join(', '),
    plain(rules[0]?.annotations.summary ?? ''),
  ])
  return page(
    'Runbooks',
    'What the alarms that come with the monitor mean, and what to do. The monitor serves these pages at `/runbooks/NAME` of the console port, and each alarm links to its own.',
    table(['Alarm', 'Severity', 'Says'], rows),
  )
}

function runbook(name: string, rules: readonly AlertingRule[], group: RuleGroup): string {
  const [first] = rules
  const annotations = first?.annotations ?? {}
  const conditions = rules.map((rule) =>
    [
      `Severity \`${rule.labels.severity}\`${rule.forMs === 0 ? ', at once' : `, when this holds for ${durationText(rule.forMs)}`}:`,
      `\`\`\`promql\n${rule.expression.trim()}\n\`\`\``,
    ].join('\n\n'),
  )
  return page(
    name,
    plain(annotations.summary ?? ''),
    `## Cause\n\n${plain(annotations.cause ?? '')}`,
    `## Impact\n\n${plain(annotations.impact ?? '')}`,
    `## What to do\n\n${plain(annotations.actions ?? '')}`,
    `## When it fires\n\nGroup \`${group.name}\`.`,
    ...conditions,
    'It ends by itself when the condition no longer holds.',
    ...howToAsk(name, annotations.actions ?? ''),
  )
}

/** Which door a route of the actions is at, and how one gets in: whoever reads this is in a hurry. */
function howToAsk(name: string, actions: string): readonly string[] {
  const routes = [...actions.matchAll(/(GET|POST|PUT|PATCH|DELETE) (\/(?:v1|api)\/[\w/-]+)/g)]
  if (routes.length === 0) return []
  const commands = routes.map(([, method = '', path = '']) => {
    const isOfMonitor = MONITOR_ROUTES.test(path)
    const url = `http://127.0.0.1:${isOfMonitor ? 8080 : 9644}${path}`
    return `curl${method === 'GET' ? '' : ` -X ${method}`} -H "Authorization: Bearer $(cat data/root.token)" ${url}${bodyText(name, `${method} ${path}`)}`
  })
  return [
    `## How to ask\n\nWith the ports and the data directory of a start without flags, and values to put your own in place of. docs/http-api.md has all routes of the broker.`,
    `\`\`\`sh\n${[...new Set(commands)].join('\n')}\n\`\`\``,
  ]
}

function bodyText(name: string, route: string): string {
  const body = BODIES[`${name} ${route}`] ?? BODIES[route]
  return body === undefined
    ? ''
    : ` -H 'content-type: application/json' -d '${JSON.stringify(body)}'`
}

function plain(text: string): string {
  return text.replace(TEMPLATE, (_, expression: string) => {
    const label = /^\$labels\.(\w+)$/.exec(expression)?.[1]
    return label === undefined ? '*N*' : `*${label}*`
  })
}

function durationText(ms: number): string {
  if (ms < 60_000) return `${ms / 1000} seconds`
  const minutes = ms / 60_000
  return minutes === 1 ? 'a minute' : `${minutes} minutes`
}
