import type { Disk, DiskFile } from '../../../kit/index.ts'

/** The disk for those who must change nothing: what is opened for writing is opened for reading. */
export function readOnly(disk: Disk): Pick<Disk, 'open' | 'list'> {
  return {
    list: (directory) => disk.list(directory),
    async open(path): Promise<DiskFile> {
      const file = await disk.open(path, 'read')
      const refuse = async (): Promise<never> => {
        throw new Error(`${path} is only read`)
      }
      return {
        path,
        read: (target, position) => file.read(target, position),
        size: () => file.size(),
        close: () => file.close(),
        // What is there is there: nothing of it is about to be removed for what it says.
        sync: async () => {},
        write: refuse,
        truncate: refuse,
      }
    },
  }
}
