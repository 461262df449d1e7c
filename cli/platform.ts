import type { Platform } from '../broker/index.ts'
import { workerJournalDevice } from '../broker/index.ts'
import type { Logger } from '../kit/index.ts'
import { openRealDisk, systemClock, systemRandom, systemTimers } from '../kit/index.ts'

/** This machine, as the broker's rooms see it. */
export function machine(logger: Logger): Platform {
  return {
    disk: openRealDisk(),
    journalDevice: workerJournalDevice,
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    logger,
  }
}
