import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BOARDS } from '../boards/boards.ts'
import { BOARD } from '../boards/uids.ts'
import type { Board, Row } from './board.ts'
import { BOARDS_DIRECTORY, boardFiles } from './board-files.ts'
import type { Panel, Query } from './panel.ts'
import { renderBoard } from './render-board.ts'

/** Choices of so many values that nobody could ask for each of them, within the brokers that were chosen. */
const LONG = ['topic', 'group']

const panelsOf = (board: Board): readonly Panel[] => board.rows.flatMap((row: Row) => row.panels)
const queriesOf = (panel: Panel): readonly Query[] =>
  panel.kind === 'stat' ? [panel.query] : panel.queries

describe('boards', () => {
  it.each([...boardFiles(BOARDS)])('%s is checked in as it is generated', (name, text) => {
    expect(readFileSync(join(BOARDS_DIRECTORY, name), 'utf8')).toBe(text)
  })

  it('come out the same each time', () => {
    expect([...boardFiles(BOARDS)]).toEqual([...boardFiles(BOARDS)])
  })

  it('are all there, each under a name of its own', () => {
    expect(BOARDS.map(({ uid }) => uid).sort()).toEqual(Object.values(BOARD).sort())
  })

  describe.each(BOARDS.map((board) => [board.title, board] as const))('%s', (_, board) => {
    it('has a description on every panel and every choice', () => {
      const texts = [board, ...panelsOf(board), ...board.variables].map(
        ({ description }) => description,
      )
      expect(texts.filter((text) => !/^[A-Z].*\.$|^fdatasync|^queue|^wait/.test(text))).toEqual([])
    })

    it('names no panel twice, and fills its rows', () => {
      const titles = panelsOf(board).map(({ title }) => title)
      expect(new Set(titles).size).toBe(titles.length)
      for (const { title, panels } of board.rows) {
        const width = panels.reduce((sum, panel) => sum + panel.width, 0)
        expect([title, width % 24]).toEqual([title, 0])
      }
    })

    it('asks only for the brokers that were chosen', () => {
      const unbound = panelsOf(board)
        .flatMap(queriesOf)
        .filter(({ expr }) => !/\$(instance|monitor)"|ALERTS/.test(expr))
      expect(unbound).toEqual([])
    })

    it('judges no alert that always fires, and shows a zero where nothing failed', () => {
      const stats = panelsOf(board).filter((panel) => panel.kind === 'stat')
      const blind = stats.filter(({ query: { expr } }) =>
        /ALERTS\{(?![^}]*severity!="none")/.test(expr),
      )
      const empty = stats.filter(({ query: { expr } }) => /_(errors|failures)_total/.test(expr))
      expect(blind).toEqual([])
      expect(empty.filter(({ query: { expr } }) => !expr.includes('or vector(0)'))).toEqual([])
    })

    it('means by "All" the brokers that it offers, and no other target of the same Prometheus', () => {
      const { list } = renderBoard(board).templating ?? {}
      const open = (list ?? []).filter(({ allValue }) => allValue !== undefined)
      expect(open.map(({ name }) => name).filter((name) => !LONG.includes(name))).toEqual([])
    })

    it('leads to boards and variables that are there', () => {
      for (const { title, drillDown } of panelsOf(board)) {
        if (drillDown === undefined) continue
        const target = BOARDS.find(({ uid }) => uid === drillDown.board)
        const variables = target?.variables.map(({ name }) => name) ?? []
        expect([title, target !== undefined]).toEqual([title, true])
        if (drillDown.variable !== undefined) expect(variables).toContain(drillDown.variable)
      }
    })

    it('links tables from a column that it shows', () => {
      for (const panel of panelsOf(board)) {
        if (panel.kind !== 'table') continue
        if (panel.drillDown) expect(Object.keys(panel.labels)).toContain(panel.drillDown.label)
        expect(panel.queries.map(({ legend }) => legend)).toContain(panel.sortBy)
      }
    })

    it('asks for exemplars of requests, which alone have them', () => {
      const asking = panelsOf(board)
        .flatMap(queriesOf)
        .filter(({ exemplars }) => exemplars === true)
      expect(asking.filter(({ expr }) => !expr.includes('_bucket'))).toEqual([])
    })
  })
})
