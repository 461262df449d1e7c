import { spawnSync } from 'node:child_process'

/** The cores that every broker gets, whatever the machine has. */
const CORES = '0,1'

let hasTaskset: boolean | undefined

/** A command held to two cores, or as it is where `taskset` is missing (not Linux). */
export function onTwoCores(command: readonly string[]): readonly string[] {
  return isHeldToTwoCores() ? ['taskset', '-c', CORES, ...command] : command
}

/** Whether brokers are held to two cores here. */
export function isHeldToTwoCores(): boolean {
  hasTaskset ??= spawnSync('taskset', ['-c', CORES, 'true']).status === 0
  return hasTaskset
}
