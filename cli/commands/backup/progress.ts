/** Shows on a terminal how far a copy is; elsewhere nothing. */
export class Progress {
  readonly #what: string
  #shown = -1

  constructor(what: string) {
    this.#what = what
  }

  readonly show = (doneBytes: number, totalBytes: number): void => {
    if (!process.stderr.isTTY || totalBytes === 0) return
    const percent = Math.floor((100 * doneBytes) / totalBytes)
    if (percent === this.#shown) return
    this.#shown = percent
    process.stderr.write(`\r${this.#what} ${percent} % of ${sizeText(totalBytes)}`)
  }

  end(): void {
    if (this.#shown >= 0) process.stderr.write('\n')
  }
}

/** For people: three digits and a unit. */
export function sizeText(sizeBytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']
  let size = sizeBytes
  let unit = 0
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1024
    unit++
  }
  return `${unit === 0 ? size : size.toPrecision(3)} ${units[unit]}`
}
