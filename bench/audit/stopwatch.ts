/** Does the work and prints how long it took, in milliseconds. */
export async function timed<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  const startedMs = performance.now()
  const result = await work()
  const tookMs = performance.now() - startedMs
  console.log(`${what.padEnd(60)} ${tookMs.toFixed(1).padStart(9)} ms`)
  return result
}

export const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`
