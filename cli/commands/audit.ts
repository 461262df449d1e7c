import { usage } from './audit/flags.ts'

type Action = (args: readonly string[]) => Promise<number>

/** Loaded when they are used: `verify` runs without a line of the broker's code. */
const ACTIONS: Readonly<Record<string, () => Promise<Action>>> = {
  list: async () => (await import('./audit/list.ts')).list,
  show: async () => (await import('./audit/list.ts')).show,
  state: async () => (await import('./audit/past.ts')).state,
  diff: async () => (await import('./audit/past.ts')).diff,
  rewind: async () => (await import('./audit/rewind.ts')).rewind,
  export: async () => (await import('./audit/export.ts')).exportHistory,
  verify: async () => (await import('./audit/verify.ts')).verify,
}

/** `glasslog audit ACTION`: the history of control operations. */
export async function audit(args: readonly string[]): Promise<number> {
  const [name = '', ...rest] = args
  const load = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined
  if (!load) throw usage(`audit needs an action: ${Object.keys(ACTIONS).join(', ')}`)
  const action = await load()
  return action(rest)
}
