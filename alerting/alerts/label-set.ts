import { hash } from 'node:crypto'

/** Labels of an alert or of a group: names to values. */
export type LabelSet = Readonly<Record<string, string>>

/** 16 hexadecimal digits that stand for one set of labels. */
export type Fingerprint = string

/** Label by which the name of an alert goes. */
export const ALERT_NAME = 'alertname'

/**
 * The same for the same labels, in whatever order they come; an empty label is as good as none. 64 bits of a
 * SHA-256: labels come from people who may want two alerts to collide, so not the quick hash of Prometheus.
 */
export function fingerprintOf(labels: LabelSet): Fingerprint {
  let text = ''
  for (const name of Object.keys(labels).sort()) {
    if (labels[name] === '') continue
    text += `${name.length}:${name}${labels[name]?.length}:${labels[name]}`
  }
  return hash('sha256', text, 'hex').slice(0, 16)
}

/** As Alertmanager writes a set of labels, and so as group keys contain it: `{a="1", b="2"}`. */
export function formatLabels(labels: LabelSet): string {
  const pairs = Object.keys(labels)
    .sort()
    .map((name) => `${name}=${JSON.stringify(labels[name])}`)
  return `{${pairs.join(', ')}}`
}

/** The labels that all sets have with the same value. */
export function commonLabels(sets: readonly LabelSet[]): LabelSet {
  const [first, ...others] = sets
  if (first === undefined) return {}
  const common: Record<string, string> = Object.assign(Object.create(null), first)
  for (const labels of others) {
    let isEmpty = true
    for (const name in common) {
      if (labels[name] !== common[name]) delete common[name]
      else isEmpty = false
    }
    if (isEmpty) break
  }
  return { ...common }
}
