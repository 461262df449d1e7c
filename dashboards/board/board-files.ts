import { join } from 'node:path'
import type { Board } from './board.ts'
import { renderBoard } from './render-board.ts'

/** Where Grafana's provisioning finds the boards. */
export const BOARDS_DIRECTORY = join(import.meta.dirname, '../grafana/dashboards')

/** The file of each board, by its name, as it is checked in. */
export function boardFiles(boards: readonly Board[]): ReadonlyMap<string, string> {
  return new Map(
    boards.map((board) => [
      `${board.uid}.json`,
      `${JSON.stringify(renderBoard(board), null, 2)}\n`,
    ]),
  )
}
