import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Holds the configuration of a Prometheus beside Glasslog. */
export const PROMETHEUS_DIRECTORY = import.meta.dirname

export const RECORDING_RULES = join(PROMETHEUS_DIRECTORY, 'rules/glasslog-recording.yml')

const ALERT_RULES_DIRECTORY = join(import.meta.dirname, '../../monitor/default-rules/rules')

/** The monitor's default alarm rules: the same files serve a Prometheus. */
export function listAlertRules(): readonly string[] {
  return readdirSync(ALERT_RULES_DIRECTORY).map((name) => join(ALERT_RULES_DIRECTORY, name))
}
