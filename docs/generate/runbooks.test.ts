import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openRealDisk } from '../../kit/index.ts'
import { DEFAULT_RULE_FILES, readRuleFiles } from '../../monitor/index.ts'
import { renderRunbooks } from './runbooks.ts'

const pages = renderRunbooks(await readRuleFiles(openRealDisk(), DEFAULT_RULE_FILES))
const text = (name: string): string => pages.get(`${name}.md`) ?? ''

/** What each page has to be typed in, as method, port, path and whether there is a body. */
const commands = [...pages].flatMap(([page, content]) =>
  [...content.matchAll(/^curl(?: -X (\w+))? .*http:\/\/127\.0\.0\.1:(\d+)(\S+)(.*)$/gm)].map(
    ([, method = 'GET', port, path = '', rest]) => ({ page, method, port, path, rest }),
  ),
)

it('says how long a condition holds in units that people use', () => {
  expect(text('ConsumersGone')).toContain('when this holds for 15 seconds:')
  expect(text('BrokerDown')).toContain('when this holds for a minute:')
  expect(text('BrokerMissing')).toContain('when this holds for 5 minutes:')
  expect(text('DiskFull')).toContain('at once:')
})

it('asks the broker for routes that it has', () => {
  const routes = readFileSync(join(import.meta.dirname, '../http-api.md'), 'utf8')
  const known = [...routes.matchAll(/^### (\w+) (\S+)$/gm)].map(([, method, path = '']) => ({
    method,
    path: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[A-Z]+')}$`),
  }))
  const asked = commands.filter(({ port }) => port === '9644')
  expect(asked.length).toBeGreaterThan(10)
  const isKnown = ({ method, path }: { method: string; path: string }) =>
    known.some((route) => route.method === method && route.path.test(path))
  expect(asked.filter((command) => !isKnown(command))).toEqual([])
})

it('asks the monitor for what the monitor has', () => {
  const asked = commands.filter(({ port }) => port === '8080')
  expect(new Set(asked.map(({ method, path }) => `${method} ${path}`))).toEqual(
    new Set([
      'GET /api/v1/rules',
      'GET /v1/deliveries',
      'GET /v1/disk',
      'POST /v1/contact-points/NAME/test',
    ]),
  )
})

it('has an example of what each change sends', () => {
  const bare = commands.filter(({ method, rest }) => /^P(UT|ATCH)$/.test(method) && rest === '')
  expect(bare).toEqual([])
  expect(text('GroupStopped')).toContain('"to":"shift"')
  expect(text('RetentionOvertakesGroup')).toContain('"to":"latest"')
})
