import { fileURLToPath } from 'node:url'

/** By what they watch, in the order in which they are shown. */
const NAMES = [
  'availability',
  'symptoms',
  'groups',
  'broker',
  'storage',
  'security',
  'history',
  'monitor',
]

/** The rule files that come with the monitor, in Prometheus' own format: a Prometheus can load them as they are. */
export const DEFAULT_RULE_FILES: readonly string[] = NAMES.map((name) =>
  fileURLToPath(new URL(`./rules/${name}.yml`, import.meta.url)),
)
