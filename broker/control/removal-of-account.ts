import type { Command } from './commands.ts'
import { SCRAM_MECHANISMS } from './identities.ts'
import type { ClusterState } from './port.ts'

/**
 * What it takes to delete an account: all that opens it goes first, so that an account that is made
 * under its name later is not open to whoever had the old one. For one call, all of it or nothing.
 */
export function removalOfAccount(
  name: string,
  { tokens, users }: Pick<ClusterState, 'tokens' | 'users'>,
): readonly Command[] {
  const own = [...tokens.values()].filter(({ account }) => account === name)
  const credentials = users.get(name)?.credentials ?? {}
  const mechanisms = SCRAM_MECHANISMS.filter((mechanism) => credentials[mechanism] !== undefined)
  return [
    ...own.map(({ id }) => ({ kind: 'token.revoke', id }) as const),
    ...mechanisms.map((mechanism) => ({ kind: 'user.scram.delete', name, mechanism }) as const),
    { kind: 'account.delete', name },
  ]
}
