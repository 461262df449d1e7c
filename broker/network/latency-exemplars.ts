import { bucketOfMs, STEPS_PER_DOUBLING } from './latency-histogram.ts'

/** One traced observation of a histogram. */
export interface Exemplar {
  readonly traceId: string
  readonly valueMs: number
  /** Wall-clock time of the observation. */
  readonly atMs: number
}

/** The newest traced observation of each doubling of the duration: whoever looks at a slow bucket finds a trace of it. */
export class LatencyExemplars {
  readonly #byDoubling: (Exemplar | undefined)[] = []

  note(traceId: string, valueMs: number, atMs: number): void {
    const doubling = Math.floor(bucketOfMs(valueMs) / STEPS_PER_DOUBLING)
    while (this.#byDoubling.length <= doubling) this.#byDoubling.push(undefined)
    this.#byDoubling[doubling] = { traceId, valueMs, atMs }
  }

  /** Ascending by duration; at most one for each doubling. */
  *all(): Iterable<Exemplar> {
    for (const exemplar of this.#byDoubling) if (exemplar) yield exemplar
  }
}
