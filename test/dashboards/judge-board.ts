import type { BoardFile, BoardPanel } from './board-file.ts'
import { chooseVariables, interpolate } from './board-variables.ts'
import { familiesOf } from './families-of.ts'
import type { AnsweredSeries, PrometheusApi } from './prometheus-api.ts'

/** What came of one panel: what is wrong with it, and nothing when every expression has data. */
export interface PanelVerdict {
  readonly board: string
  readonly panel: string
  readonly families: readonly string[]
  readonly faults: readonly string[]
}

/**
 * Asks every expression of every panel. It has data when it gives a number; where it says `or vector(0)`, which always
 * is one, the families that it reads have to be there all the same.
 */
export async function judgeBoard(
  board: BoardFile,
  api: PrometheusApi,
): Promise<readonly PanelVerdict[]> {
  const chosen = await chooseVariables(board.variables, api)
  return Promise.all(
    board.panels.map(async (panel): Promise<PanelVerdict> => {
      const expressions = panel.expressions.map((expr) => interpolate(expr, chosen.choices))
      const place = { board: board.title, panel: panel.title, families: familiesIn(expressions) }
      if (chosen.fault !== null) return { ...place, faults: [chosen.fault] }
      return { ...place, faults: await faultsOf(panel, expressions, api) }
    }),
  )
}

async function faultsOf(
  panel: BoardPanel,
  expressions: readonly string[],
  api: PrometheusApi,
): Promise<readonly string[]> {
  const faults = await Promise.all(expressions.map((expr) => faultOf(expr, api)))
  return faults.flatMap((fault, at) =>
    fault === null ? [] : [`${panel.expressions[at]}: ${fault}`],
  )
}

function familiesIn(expressions: readonly string[]): readonly string[] {
  return [
    ...new Set(
      expressions.flatMap((expr) => {
        try {
          return familiesOf(expr)
        } catch {
          // What cannot be read is a fault of the panel, said there.
          return []
        }
      }),
    ),
  ]
}

/** Why an expression shows nothing; null when it shows something. */
async function faultOf(expression: string, api: PrometheusApi): Promise<string | null> {
  try {
    if (!hasNumber(await api.query(expression))) return 'no data'
    return await missingFamily(expression, api)
  } catch (error) {
    return messageOf(error)
  }
}

async function missingFamily(expression: string, api: PrometheusApi): Promise<string | null> {
  for (const family of familiesOf(expression).filter((name) => name !== '')) {
    if ((await api.query(`count(${family})`)).length === 0) return `there is no ${family}`
  }
  return null
}

function hasNumber(series: readonly AnsweredSeries[]): boolean {
  return series.some(({ value }) => value[1] !== 'NaN')
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
