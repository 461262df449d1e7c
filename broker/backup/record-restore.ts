import type { Disk } from '../../kit/index.ts'
import { readWholeFile } from '../../kit/index.ts'
import type { ControlPlane } from '../control/index.ts'
import { systemActor } from '../control/index.ts'
import { RESTORED_FILE } from './data-files.ts'
import type { RestoredNote } from './restore-backup.ts'

/**
 * At the first start on restored data: puts into the history which backup it came from. A crash in
 * between has it recorded twice, which is true both times.
 */
export async function recordRestore(
  control: ControlPlane,
  disk: Disk,
  dataDirectory: string,
): Promise<void> {
  const path = `${dataDirectory}/${RESTORED_FILE}`
  const bytes = await readWholeFile(disk, path)
  if (bytes === null) return
  const note = JSON.parse(bytes.toString()) as RestoredNote
  const [outcome] = await control.execute([{ kind: 'backup.restore', ...note }], systemActor)
  if (outcome?.error !== 'NONE') throw new Error(`cannot record the restore: ${outcome?.message}`)
  await disk.remove(path)
  await disk.syncDirectory(dataDirectory)
}
