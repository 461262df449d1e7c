import type { Client, ClientCommand } from './roster.ts'
import { allFailed } from './steps.ts'
import type { Column } from './table.ts'
import { whatIsMissing } from './toolchains.ts'

export type Prepared = { readonly client: Client; readonly command: ClientCommand }

/** The column of a client that cannot run: a missing toolchain is no failure, a failed build is. */
export type Unprepared = { readonly client: Client; readonly column: Column }

/** Fetches and builds clients one after the other, as most share a package manager and its lock. */
export async function prepareAll(
  clients: readonly Client[],
): Promise<readonly (Prepared | Unprepared)[]> {
  const prepared: (Prepared | Unprepared)[] = []
  for (const client of clients) {
    const missing = await Promise.all(client.tools.map(whatIsMissing))
    const missingTool = missing.find((answer) => answer !== null)
    if (missingTool) prepared.push({ client, column: { client, missingTool, results: [] } })
    else prepared.push(await prepare(client))
  }
  return prepared
}

async function prepare(client: Client): Promise<Prepared | Unprepared> {
  try {
    return { client, command: await client.prepare() }
  } catch (error) {
    console.error(error)
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
    return { client, column: { client, results: allFailed(`not prepared: ${reason}`) } }
  }
}
