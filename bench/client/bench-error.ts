/** A run that cannot give a figure, in one sentence for a person. */
export class BenchError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'BenchError'
  }
}
