import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { BoardFile } from './board-file.ts'
import { readBoard } from './board-file.ts'
import { CONSTANT_FAMILIES } from './constant-families.ts'
import { familiesOf } from './families-of.ts'
import type { PanelVerdict } from './judge-board.ts'
import { judgeBoard } from './judge-board.ts'
import { faultsOfAlert } from './judge-rules.ts'
import type { PrometheusApi } from './prometheus-api.ts'
import { outOfScope } from './scope.ts'

/** Share of panels in scope that have to show data. */
const WANTED_SHARE = 0.9

/** Prints how much of the boards and rules in a folder has data here, and answers what is not as it should be. */
export async function publicCoverage(
  directory: string,
  api: PrometheusApi,
  before: string,
  after: string,
): Promise<readonly string[]> {
  const names = await readdir(directory).catch(() => null)
  if (names === null) {
    console.log(`no public boards: there is no folder ${directory}`)
    return []
  }
  const moved = movedFamilies(before, after)
  let [inScope, covered] = [0, 0]
  for (const name of names.filter((one) => one.endsWith('.json')).sort()) {
    const board = readBoard(await readFile(join(directory, name), 'utf8'))
    const counts = await coverBoard(name, board, api, moved)
    inScope += counts.inScope
    covered += counts.covered
  }
  for (const name of names.filter((one) => /\.ya?ml$/.test(one)).sort()) {
    await coverRules(name, await readFile(join(directory, name), 'utf8'), api)
  }
  const percent = inScope === 0 ? 100 : (100 * covered) / inScope
  console.log(
    `public boards: ${covered} of ${inScope} panels in scope have data (${percent.toFixed(1)} %)`,
  )
  return covered >= inScope * WANTED_SHARE ? [] : [`less than ${100 * WANTED_SHARE} % have data`]
}

async function coverBoard(
  name: string,
  board: BoardFile,
  api: PrometheusApi,
  moved: ReadonlySet<string>,
): Promise<{ inScope: number; covered: number }> {
  const verdicts = await judgeBoard(board, api)
  const excluded = new Map<string, string[]>()
  const constant = new Set<string>()
  const empty: PanelVerdict[] = []
  for (const verdict of verdicts) {
    const reason = outOfScope(verdict.families)
    if (reason !== null) excluded.set(reason, [...(excluded.get(reason) ?? []), verdict.panel])
    else {
      const still = verdict.families.filter((family) => !moved.has(family))
      const unexplained = still.filter((family) => !CONSTANT_FAMILIES.has(family))
      for (const family of verdict.families) if (CONSTANT_FAMILIES.has(family)) constant.add(family)
      const faults = [...verdict.faults, ...unexplained.map((family) => `${family} never changes`)]
      if (faults.length > 0) empty.push({ ...verdict, faults })
    }
  }
  const outside = [...excluded.values()].reduce((sum, panels) => sum + panels.length, 0)
  const inScope = verdicts.length - outside
  console.log(`${name}: ${inScope - empty.length} of ${inScope} panels in scope have data`)
  for (const [reason, panels] of excluded)
    console.log(`  out of scope, ${reason}: ${panels.join(', ')}`)
  for (const family of constant)
    console.log(`  constant: ${family}, ${CONSTANT_FAMILIES.get(family)}`)
  for (const { panel, faults } of empty) console.log(`  no data: ${panel}: ${faults.join('; ')}`)
  return { inScope, covered: inScope - empty.length }
}

interface RuleFileJson {
  readonly groups?: readonly RuleGroupJson[]
  /** As a resource of the Prometheus operator. */
  readonly spec?: { readonly groups?: readonly RuleGroupJson[] }
}

interface RuleGroupJson {
  readonly rules: readonly {
    readonly alert?: string
    readonly record?: string
    readonly expr: string
  }[]
}

async function coverRules(name: string, text: string, api: PrometheusApi): Promise<void> {
  const file = parse(text) as RuleFileJson
  const rules = (file.groups ?? file.spec?.groups ?? []).flatMap((group) => group.rules)
  let [inScope, covered] = [0, 0]
  for (const { alert, record, expr } of rules) {
    const reason = outOfScope(familiesOf(expr))
    if (reason !== null) {
      console.log(`  out of scope, ${reason}: ${alert ?? record}`)
      continue
    }
    inScope++
    const faults = await faultsOfAlert(expr, api)
    if (faults.length === 0) covered++
    else console.log(`  would never fire: ${alert ?? record}: ${faults.join('; ')}`)
  }
  console.log(`${name}: ${covered} of ${inScope} rules in scope find their series`)
}

/** Families of which a series came, went or changed its value while the scenario ran. */
function movedFamilies(before: string, after: string): ReadonlySet<string> {
  const old = samplesOf(before)
  const moved = new Set<string>()
  for (const [series, value] of samplesOf(after)) {
    if (old.get(series) !== value) moved.add(series.split('{', 1)[0] ?? '')
  }
  return moved
}

function samplesOf(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ')
      return [line.slice(0, space), line.slice(space + 1)]
    }),
  )
}
