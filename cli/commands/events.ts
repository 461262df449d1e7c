import { wrongUsage } from '../arguments.ts'

type Action = (args: readonly string[]) => Promise<number>

const ACTIONS: Readonly<Record<string, () => Promise<Action>>> = {
  list: async () => (await import('./events/list.ts')).list,
  tail: async () => (await import('./events/tail.ts')).tail,
}

/** `glasslog events ACTION`: what happened that an operator would ask about. */
export async function events(args: readonly string[]): Promise<number> {
  const [name = '', ...rest] = args
  const load = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined
  if (!load)
    throw wrongUsage('events', `events needs an action: ${Object.keys(ACTIONS).join(', ')}`)
  const action = await load()
  return action(rest)
}
