import type { Disk } from '../../kit/index.ts'
import { readWholeFile, replaceFile } from '../../kit/index.ts'
import type { ControlPlane, CreateBackup } from '../control/index.ts'
import { systemActor } from '../control/index.ts'
import { NOTED_BACKUPS_FILE } from './data-files.ts'

/** A backup of a directory on which no broker ran, so that nobody could put it into the history. */
export interface BackupNote {
  readonly backupId: string
  /** RFC 3339. */
  readonly createdAt: string
  readonly content: NonNullable<CreateBackup['content']>
}

/** Whoever makes more without ever starting the broker has the last ones in the history. */
const MAX_NOTES = 100

const REASON = 'a copy of the directory while no broker ran on it'

/** Leaves a note of a backup for the next start. Only for who holds the directory's lock. */
export async function noteBackup(
  disk: Disk,
  dataDirectory: string,
  note: BackupNote,
): Promise<void> {
  const path = `${dataDirectory}/${NOTED_BACKUPS_FILE}`
  const notes = [...(await notesIn(disk, path)), note].slice(-MAX_NOTES)
  await replaceFile(disk, path, Buffer.from(JSON.stringify(notes)))
}

/**
 * At a start: puts the backups into the history that were made since the last one. A crash in between
 * has them recorded twice, by the same ids.
 */
export async function recordNotedBackups(
  control: ControlPlane,
  disk: Disk,
  dataDirectory: string,
): Promise<void> {
  const path = `${dataDirectory}/${NOTED_BACKUPS_FILE}`
  const notes = await notesIn(disk, path)
  if (notes.length === 0) return
  for (const { backupId, createdAt, content } of notes) {
    const create = { kind: 'backup.create', backupId } as const
    const outcomes = await control.execute(
      [
        { ...create, phase: 'running' },
        { ...create, phase: 'done', content },
      ],
      systemActor,
      {
        ...{ allOrNothing: true, occurredAtMs: Date.parse(createdAt) },
        notes: [{ reason: REASON }, { reason: REASON }],
      },
    )
    const refused = outcomes.find(({ error }) => error !== 'NONE')
    if (refused) throw new Error(`cannot record a backup: ${refused.message}`)
  }
  await disk.remove(path)
  await disk.syncDirectory(dataDirectory)
}

async function notesIn(disk: Disk, path: string): Promise<readonly BackupNote[]> {
  const bytes = await readWholeFile(disk, path)
  return bytes === null ? [] : (JSON.parse(bytes.toString()) as readonly BackupNote[])
}
