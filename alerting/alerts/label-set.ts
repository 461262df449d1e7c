import { createHash } from 'node:crypto'

/** Labels of an alert or of a group: names to values. */
export type LabelSet = Readonly<Record<string, string>>

/** 16 hexadecimal digits that stand for one set of labels. */
export type Fingerprint = string

/** Label by which the name of an alert goes. */
export const ALERT_NAME = 'alertname'

/**
 * The same for the same labels, in whatever order they come. 64 bits of a SHA-256: alerts are named by
 * people who may want two of them to collide, so it is not the quick hash that Prometheus uses.
 */
export function fingerprintOf(labels: LabelSet): Fingerprint {
  const hash = createHash('sha256')
  for (const name of Object.keys(labels).sort()) {
    hash.update(`${name.length}:${name}${labels[name]?.length}:${labels[name]}`)
  }
  return hash.digest('hex').slice(0, 16)
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
