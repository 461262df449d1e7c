import type { Disk, DiskFile } from '../../kit/index.ts'
import type { CheckpointTarget } from './checkpoint-publisher.ts'

/** Appends each checkpoint to a file, such as one on a disk that can only be written once. */
export function fileTarget(disk: Disk, path: string): CheckpointTarget {
  let opened: Promise<{ file: DiskFile; end: number }> | null = null
  const open = async (): Promise<{ file: DiskFile; end: number }> => {
    const file = await disk.open(path, (await disk.exists(path)) ? 'write' : 'create')
    return { file, end: await file.size() }
  }
  return {
    name: `file ${path}`,
    async publish({ text }) {
      opened ??= open()
      try {
        const target = await opened
        const bytes = Buffer.from(`${text}\n`)
        await target.file.write([bytes], target.end)
        await target.file.sync()
        target.end += bytes.length
      } catch (error) {
        // Opened anew next time: the disk may be another one by then.
        const failed = opened
        opened = null
        await failed.then(({ file }) => file.close()).catch(() => {})
        throw error
      }
    },
    async close() {
      await (await opened)?.file.close()
    },
  }
}

/** Writes each checkpoint as one JSON line, for whoever collects the output of the process. */
export function outputTarget(write: (line: string) => void): CheckpointTarget {
  return {
    name: 'standard output',
    publish({ text, size, origin }) {
      write(`${JSON.stringify({ type: 'glasslog-checkpoint', origin, size, checkpoint: text })}\n`)
      return Promise.resolve()
    },
  }
}
