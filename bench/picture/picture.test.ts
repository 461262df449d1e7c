import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { renderResults } from '../peers/report/results.ts'
import { comparison } from '../peers/testing.ts'
import { renderTablePage } from '../table/table-page.ts'
import { entry } from '../table/testing.ts'
import { drawPicture } from './picture.ts'
import { drawCommittedPages, PICTURE_FILE } from './picture-file.ts'

it('the committed picture is that of the committed pages (npm run bench:picture)', () => {
  expect(readFileSync(PICTURE_FILE, 'utf8')).toBe(drawCommittedPages())
})

it('draws every goal and every row, ahead or behind, on disk or not', () => {
  const picture = drawPicture(
    renderResults([comparison('requests', [[300, 100]]), comparison('produce-1k', [[1, 2]])], []),
    renderTablePage([entry('kafka', 100, [[1_500, 1_500]]), entry('glasslog', 100, [[1, 1]])]),
  )
  expect(picture).toContain('Write one record a request')
  expect(picture).toContain('3.00×')
  expect(picture).toContain('0.50×')
  expect(picture.match(/height="13" rx="2" class="(ahead|behind)"/g)).toHaveLength(2)
  expect(picture).toContain('1.50 k')
  expect(picture).toContain('class="other-open"')
})

it('follows the reader’s choice of light or dark', () => {
  expect(drawPicture('', '')).toContain('@media(prefers-color-scheme:dark)')
})
