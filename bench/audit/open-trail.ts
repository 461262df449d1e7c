import { mkdir } from 'node:fs/promises'
import type { FollowedHistory, History, NoteSigner } from '../../audit/index.ts'
import { HistoryTrail, originOf, SigningKeyFiles } from '../../audit/index.ts'
import { openLogHistory } from '../../broker/control/index.ts'
import { workerJournalDevice } from '../../broker/index.ts'
import { openLogStore } from '../../broker/log/index.ts'
import {
  openRealDisk,
  silentLogger,
  systemClock,
  systemRandom,
  systemTimers,
} from '../../kit/index.ts'

const platform = {
  disk: openRealDisk(),
  journalDevice: workerJournalDevice,
  clock: systemClock,
  timers: systemTimers,
  random: systemRandom,
  logger: silentLogger,
}

export interface OpenTrail {
  readonly history: History & FollowedHistory
  readonly trail: HistoryTrail
  readonly signer: NoteSigner
  close(): Promise<void>
}

/** The history in a data directory with all that follows it, signed, without the rest of a broker. */
export async function openTrail(directory: string): Promise<OpenTrail> {
  await mkdir(`${directory}/audit`, { recursive: true })
  const { store } = await openLogStore({ directory, ...platform })
  const history = await openLogHistory(store)
  const options = { history, directory: `${directory}/audit`, ...platform }
  const trail = await HistoryTrail.open(options)
  const keys = new SigningKeyFiles(options)
  const signer = await keys.create(originOf('bench'))
  trail.sign({ signer, everyRecords: 256, everyMs: 10_000 })
  const close = async (): Promise<void> => {
    await trail.stop()
    await store.close()
  }
  return { history, trail, signer, close }
}
