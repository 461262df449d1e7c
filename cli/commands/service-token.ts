import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { AdminTarget } from '../admin-client.ts'
import { askAdmin, findAdmin, postAdmin, readText } from '../admin-client.ts'
import { parseArguments, wrongUsage } from '../arguments.ts'
import { CommandFailure, EXIT } from '../exit-codes.ts'
import { processConfig } from '../process-config.ts'

const VALUED = ['admin', 'token', 'data-dir', 'out', 'role', 'mode']
/** May look at everything but the history, and change nothing. */
const DEFAULT_ROLE = 'viewer'
const DEFAULT_MODE = '0600'
const LABEL = 'glasslog service-token'

/**
 * `glasslog service-token NAME --out FILE`: an account for a program, and a file with a token of it. What is there
 * already and still works stays, so that it can run before each start of that program.
 */
export async function serviceToken(args: readonly string[]): Promise<number> {
  const { flags, words } = parseArguments(args, { command: 'service-token', valued: VALUED })
  const [account, ...rest] = words
  const out = flags.get('out')
  const mode = flags.get('mode') ?? DEFAULT_MODE
  if (account === undefined || rest.length > 0 || out === undefined || !/^0?[0-7]{3}$/.test(mode)) {
    throw wrongUsage(
      'service-token',
      'service-token needs one NAME, --out FILE, and a --mode such as 0600',
    )
  }
  const dataDir = dataDirectory(flags.get('data-dir'))
  const admin = await findAdmin({ admin: flags.get('admin'), token: flags.get('token'), dataDir })
  if (admin === null) {
    throw new CommandFailure(
      `no broker runs on ${dataDir}: start it, or name another with --data-dir DIR or --admin URL --token TOKEN`,
      EXIT.failed,
    )
  }
  const role = flags.get('role')
  const kept = await readKept(out)
  if (kept !== null && (await accountOf({ ...admin, token: kept.trim() })) === account) {
    console.log(`${out} has a token of ${account} that works`)
    await tellOtherRole(admin, account, role)
    return EXIT.ok
  }
  await makeAccount(admin, account, role ?? DEFAULT_ROLE)
  await tellOtherRole(admin, account, role)
  await writeToken(out, Number.parseInt(mode, 8), async () => {
    const answer = await postAdmin(admin, '/v1/tokens', { account, label: LABEL })
    return (answer as { token: string }).token
  })
  console.log(`${out} has a new token of ${account}`)
  return EXIT.ok
}

function dataDirectory(flag: string | undefined): string {
  return resolve(flag ?? process.env.GLASSLOG_DATA_DIR ?? processConfig.rows['data-dir'].default)
}

/** Whose token that is; null when it opens nothing. */
async function accountOf(target: AdminTarget): Promise<string | null> {
  const session = (await answerOf(target, '/v1/session')) as { account: string } | null
  return session?.account ?? null
}

async function makeAccount(admin: AdminTarget, name: string, role: string): Promise<void> {
  if ((await answerOf(admin, `/v1/accounts/${encodeURIComponent(name)}`)) !== null) return
  await postAdmin(admin, '/v1/accounts', { name, roles: [role] })
}

/** What an account may do is for people to change, with a record of it: not for a command that runs before each start. */
async function tellOtherRole(
  admin: AdminTarget,
  name: string,
  asked: string | undefined,
): Promise<void> {
  if (asked === undefined) return
  const path = `/v1/accounts/${encodeURIComponent(name)}`
  const { roles = [] } = ((await answerOf(admin, path)) ?? {}) as { roles?: readonly string[] }
  if (roles.length === 1 && roles[0] === asked) return
  console.error(
    `${name} has the roles ${roles.join(', ') || '(none)'}, not ${asked}, and keeps them. ` +
      `To change that: PATCH ${path} with {"roles":["${asked}"]}`,
  )
}

/** Null when it is refused or not there; what else is wrong shows with the next question. */
async function answerOf(target: AdminTarget, path: string): Promise<unknown> {
  try {
    return await askAdmin(target, path)
  } catch (error) {
    if (error instanceof CommandFailure) return null
    throw error
  }
}

/** What is in the file; null when there is none. */
async function readKept(path: string): Promise<string | null> {
  try {
    return await readText(path)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CommandFailure(`${path} cannot be read: ${reason}`, EXIT.failed)
  }
}

/**
 * Whole or not at all: who reads it may do so at any moment. The token is made once there is a place for it: one that
 * nobody could keep would open the broker for ever, and another would be made with each attempt.
 */
async function writeToken(
  path: string,
  mode: number,
  makeToken: () => Promise<string>,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const unfinished = `${path}.new`
  // One that a crash left may be open to others, and keeps its mode when it is written again.
  await rm(unfinished, { force: true })
  const file = await open(unfinished, 'wx', 0o600)
  try {
    await file.writeFile(await makeToken())
    await file.chmod(mode)
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  } finally {
    await file.close()
  }
}
