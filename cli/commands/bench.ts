import { benchCommand } from '../../bench/index.ts'

/** `glasslog bench`: the load generator, with the same arguments as `npm run bench`. */
export function bench(args: readonly string[]): Promise<number> {
  return benchCommand(args)
}
