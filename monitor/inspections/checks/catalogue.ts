import type { Check } from '../check.ts'
import { CAPACITY_CHECKS } from './capacity.ts'
import { CLIENT_CHECKS } from './clients.ts'
import { DISK_CHECKS } from './disk.ts'
import { GROUP_CHECKS } from './groups.ts'
import { SAFETY_CHECKS } from './safety.ts'
import { TOPIC_CHECKS } from './topics.ts'

/** Everything that an inspection looks at. docs/inspections.md is made of it. */
export const CHECKS: readonly Check[] = [
  ...CAPACITY_CHECKS,
  ...CLIENT_CHECKS,
  ...GROUP_CHECKS,
  ...TOPIC_CHECKS,
  ...SAFETY_CHECKS,
  ...DISK_CHECKS,
]
