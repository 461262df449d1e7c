/** What tests of every room need in place of the machine: simulated time and a simulated disk. */
export type { CrashChoice } from './sim-disk/crash-choice.ts'
export {
  type CallFate,
  createSimDisk,
  type DiskCall,
  type DiskCallKind,
  MUTATING_CALLS,
  type SimDisk,
  type SimDiskOptions,
} from './sim-disk/sim-disk.ts'
export { createSimTime, type SimTime } from './sim-time.ts'
