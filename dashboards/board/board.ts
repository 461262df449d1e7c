import type { Panel } from './panel.ts'

/** A choice at the top of a board. */
export interface Variable {
  readonly name: string
  readonly label: string
  readonly description: string
  /** A family and the label whose values are offered. */
  readonly family: string
  readonly valuesOf: string
  /** Matchers that narrow the values by other variables. */
  readonly within?: string
  /** May have thousands of values: "All" asks for any, where others ask for those that are offered and no more. */
  readonly isLong?: boolean
}

export interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
  /** Folded up until somebody wants it. */
  readonly isCollapsed?: boolean
}

/** A board as it is written by hand: what is shown. How it looks is up to `renderBoard`. */
export interface Board {
  /** Stays for ever: links and bookmarks hold on to it. */
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly variables: readonly Variable[]
  readonly rows: readonly Row[]
}
