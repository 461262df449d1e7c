import type { Client } from './roster.ts'
import type { StepName, StepResult, StepStatus } from './steps.ts'
import { stepNames } from './steps.ts'

/** One client's column: its results, and why it did not run when its toolchain is missing. */
export type Column = {
  readonly client: Client
  readonly results: readonly StepResult[]
  readonly missingTool?: string
}

export type Counts = { readonly passed: number; readonly failed: number; readonly skipped: number }

const CELLS: Readonly<Record<StepStatus, string>> = {
  ok: 'pass',
  fail: 'FAIL',
  unsupported: '-',
  missing: 'miss',
}

const CELL_WIDTH = 8

/** The table client × step with its legend, then why cells are not `pass`, grouped by reason. */
export function renderTable(columns: readonly Column[]): string {
  const nameWidth = Math.max(...stepNames.map((name) => name.length)) + 2
  const line = (head: string, cells: readonly string[]): string =>
    `${head.padEnd(nameWidth)}${cells.map((cell) => cell.padEnd(CELL_WIDTH)).join('')}`.trimEnd()
  return [
    line(
      '',
      columns.map(({ client }) => client.heading[0]),
    ),
    line(
      'step',
      columns.map(({ client }) => client.heading[1]),
    ),
    ...stepNames.map((name) =>
      line(
        name,
        columns.map((column) => CELLS[statusOf(column, name)]),
      ),
    ),
    '',
    'pass: done and checked   FAIL: see below   -: not supported by this client   miss: toolchain missing',
    ...section('Toolchains missing', missingLines(columns)),
    ...section('Not supported by the client', reasonLines(columns, 'unsupported')),
    ...section('Failures', reasonLines(columns, 'fail')),
  ].join('\n')
}

/** Cells by outcome. What a client cannot do and what could not run is skipped, never passed. */
export function countResults(columns: readonly Column[]): Counts {
  const statuses = columns.flatMap((column) => stepNames.map((name) => statusOf(column, name)))
  const count = (...wanted: readonly StepStatus[]): number =>
    statuses.filter((status) => wanted.includes(status)).length
  return { passed: count('ok'), failed: count('fail'), skipped: count('unsupported', 'missing') }
}

function statusOf({ results, missingTool }: Column, name: StepName): StepStatus {
  if (missingTool !== undefined) return 'missing'
  return results.find((result) => result.name === name)?.status ?? 'fail'
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)]
}

function missingLines(columns: readonly Column[]): readonly string[] {
  return columns.flatMap(({ client, missingTool }) =>
    missingTool === undefined ? [] : [`${client.name}: ${missingTool}`],
  )
}

/** One line for each reason, so that a client that ended early does not fill the screen. */
function reasonLines(columns: readonly Column[], status: StepStatus): readonly string[] {
  return columns.flatMap(({ client, results }) => {
    const ofStatus = results.filter((result) => result.status === status)
    return [...Map.groupBy(ofStatus, (result) => result.detail)].map(
      ([reason, group]) =>
        `${client.name}: ${reason} (${group.map((result) => result.name).join(', ')})`,
    )
  })
}
