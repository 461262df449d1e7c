import type { AlertingRule, RuleGroup } from '../../monitor/index.ts'
import { page, table } from './markdown.ts'

/** What a person reads in place of what a template fills in. */
const TEMPLATE = /\{\{-?\s*(.*?)\s*-?\}\}/g

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
  )
}

function plain(text: string): string {
  return text.replace(TEMPLATE, (_, expression: string) => {
    const label = /^\$labels\.(\w+)$/.exec(expression)?.[1]
    return label === undefined ? '*N*' : `*${label}*`
  })
}

function durationText(ms: number): string {
  const minutes = ms / 60_000
  return minutes === 1 ? 'a minute' : `${minutes} minutes`
}
