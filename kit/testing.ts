/** What tests of every room need in place of the machine: simulated time and a simulated disk. */
export { createSimTime, type SimTime } from './sim-time.ts'
