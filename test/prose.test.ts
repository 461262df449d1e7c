import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

/** Pages that people read name only what is there. */

const root = join(import.meta.dirname, '..')

const PAGES = [
  'README.md',
  'ARCHITECTURE.md',
  'STYLE.md',
  'CHANGELOG.md',
  'alerting/DESIGN.md',
  'audit/README.md',
  'protocol/DESIGN.md',
  'dashboards/README.md',
  'docs/deployment.md',
  'docs/sizing.md',
  'broker/admin/DESIGN.md',
  'broker/backup/DESIGN.md',
  'broker/control/DESIGN.md',
  'broker/groups/DESIGN.md',
  'broker/log/DESIGN.md',
  'broker/network/DESIGN.md',
  'broker/security/DESIGN.md',
  'test/faults/DESIGN.md',
]

const LINK = /\]\((?!https?:|#)([^)#]+)/g
/** A path in backticks from the repository's root: it has a slash and begins with one of our folders. */
const PATH =
  /`((?:kit|protocol|audit|broker|cli|docs|test|bench|monitor|dashboards|deploy)\/[\w./-]*\w(?:\.(?:ts|md|txt|sh)|\/)?)`/g

function namesIn(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8')
  const links = [...text.matchAll(LINK)].map((match) => join(dirname(page), match[1] ?? ''))
  const paths = [...text.matchAll(PATH)].map((match) => match[1] ?? '')
  const isPattern = (name: string): boolean => name.includes('NN-')
  return [...links, ...paths].filter((name) => !isPattern(name))
}

describe('prose', () => {
  it.each(PAGES)('%s names only files that exist', (page) => {
    const missing = namesIn(page).filter((name) => !existsSync(join(root, name)))
    expect(missing).toEqual([])
  })
})
