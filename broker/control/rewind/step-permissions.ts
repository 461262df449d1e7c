import type { Actor } from '../actor.ts'
import { MAX_COMMANDS } from '../call-runner.ts'
import type { Command } from '../commands.ts'
import type { ControlPlane, Outcome } from '../port.ts'

/**
 * What the commands would be answered if they ran, when the actor lacks the permission of at least
 * one; null when every one is permitted. The others are not attempted. A dry run tells, because it
 * authorizes each command after those before it. Its other errors say nothing about the real run,
 * where groups follow topics that are restored by then.
 */
export async function denialsOf(
  commands: readonly Command[],
  actor: Actor,
  control: Pick<ControlPlane, 'execute'>,
): Promise<readonly Outcome[] | null> {
  const outcomes: Outcome[] = []
  // A call with more commands is refused before anybody looks at permissions.
  for (let first = 0; first < commands.length; first += MAX_COMMANDS) {
    const part = commands.slice(first, first + MAX_COMMANDS)
    outcomes.push(...(await control.execute(part, actor, { validateOnly: true })))
  }
  if (!outcomes.some(isDenied)) return null
  return outcomes.map((outcome) => (isDenied(outcome) ? outcome : NOT_ATTEMPTED))
}

export function isDenied({ error }: Outcome): boolean {
  return error.endsWith('_AUTHORIZATION_FAILED')
}

const NOT_ATTEMPTED: Outcome = {
  ...{ seq: -1, after: null, error: 'OPERATION_NOT_ATTEMPTED' },
  message: 'Another step is not permitted.',
}
