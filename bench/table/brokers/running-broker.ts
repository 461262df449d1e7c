import type { Target } from '../../target/target.ts'

/** A broker of any protocol: its address is for its own clients. */
export type RunningBroker = Omit<Target, 'name'>
