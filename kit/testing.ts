/** What tests of every room need in place of the machine: simulated time and a simulated disk. */

export {
  type CallFate,
  type DiskCall,
  type DiskCallKind,
  MUTATING_CALLS,
} from './sim-disk/call-gate.ts'
export type { CrashChoice } from './sim-disk/crash-choice.ts'
export { createSimDisk, type SimDisk, type SimDiskOptions } from './sim-disk/sim-disk.ts'
export { createSimTime, type SimTime } from './sim-time.ts'
