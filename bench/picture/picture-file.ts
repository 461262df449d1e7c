import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { drawPicture } from './picture.ts'

const BENCH = join(import.meta.dirname, '..')

/** Where the picture is committed, and shown from. */
export const PICTURE_FILE: string = join(BENCH, '../docs/pictures/bench.svg')

/** The picture of the pages as they are now. */
export function drawCommittedPages(): string {
  const read = (name: string): string => readFileSync(join(BENCH, name), 'utf8')
  return drawPicture(read('RESULTS.md'), read('TABLE.md'))
}

/** Draws it anew. Called whenever one of the pages was written. */
export function writePicture(): void {
  mkdirSync(dirname(PICTURE_FILE), { recursive: true })
  writeFileSync(PICTURE_FILE, drawCommittedPages())
}
