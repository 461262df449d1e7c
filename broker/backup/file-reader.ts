import type { Disk, DiskFile } from '../../kit/index.ts'
import type { SourceFile } from './source.ts'

/** Those of the files that are there, and how large they are. */
export async function sizesOf(
  disk: Disk,
  directory: string,
  paths: readonly string[],
): Promise<readonly SourceFile[]> {
  const files: SourceFile[] = []
  for (const path of paths) {
    if (!(await disk.exists(`${directory}/${path}`))) continue
    const file = await disk.open(`${directory}/${path}`, 'read')
    try {
      files.push({ path, sizeBytes: await file.size() })
    } finally {
      await file.close()
    }
  }
  return files
}

/** Reads files below a directory, of which the last one stays open: they are read one after the other. */
export class FileReader {
  readonly #disk: Disk
  readonly #directory: string
  #open: { readonly path: string; readonly file: DiskFile } | null = null

  constructor(disk: Disk, directory: string) {
    this.#disk = disk
    this.#directory = directory
  }

  async read(path: string, position: number, target: Buffer): Promise<number> {
    if (this.#open?.path !== path) {
      await this.close()
      this.#open = { path, file: await this.#disk.open(`${this.#directory}/${path}`, 'read') }
    }
    return this.#open.file.read(target, position)
  }

  async close(): Promise<void> {
    const open = this.#open
    this.#open = null
    await open?.file.close()
  }
}
