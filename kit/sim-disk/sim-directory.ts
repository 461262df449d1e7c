import type { Random } from '../random.ts'
import type { CrashChooser } from './crash-choice.ts'
import type { SimFile } from './sim-file.ts'

export type SimNode = SimFile | SimDirectory

/** What the two halves of a rename between directories have in common: not yet durable, they live or die together. */
export type RenameHalves = symbol

/** Names that change in one step: a creation, a removal, or a rename (one name gone, one set). */
interface NameChange {
  readonly names: ReadonlyMap<string, SimNode | null>
  readonly halves: RenameHalves | undefined
}

/** One directory: the names that processes see, those that are certainly on the disk, and the steps between. */
export class SimDirectory {
  readonly kind = 'directory'
  readonly #names = new Map<string, SimNode>()
  #durable: Map<string, SimNode>
  #pending: NameChange[] = []

  constructor(names: ReadonlyMap<string, SimNode> = new Map()) {
    this.#durable = new Map(names)
    for (const [name, node] of names) this.#set(name, node)
  }

  get(name: string): SimNode | undefined {
    return this.#names.get(name)
  }

  get names(): string[] {
    return [...this.#names.keys()].sort()
  }

  /** The same directory with other nodes in place of its own: what a process leaves that dies alone. */
  fork(copyOf: (node: SimNode) => SimNode): SimDirectory {
    const copy = new SimDirectory(copied(this.#names, copyOf))
    copy.#durable = copied(this.#durable, copyOf)
    copy.#pending = this.#pending.map(({ names, halves }) => ({
      names: copied<SimNode | null>(names, (node) => node && copyOf(node)),
      halves,
    }))
    return copy
  }

  change(names: ReadonlyMap<string, SimNode | null>, halves?: RenameHalves): void {
    this.#pending.push({ names, halves })
    for (const [name, node] of names) this.#set(name, node)
  }

  /** How many steps have been made and are not durable: those that a sync that begins now covers. */
  get pendingCount(): number {
    return this.#pending.length
  }

  completeSync(count: number): void {
    for (const change of this.#pending.splice(0, count)) applyTo(this.#durable, change)
  }

  /** Some steps were written, some never will be; as with pages, the next sync knows nothing of them. */
  failSync(count: number, random: Random): void {
    for (const change of this.#pending.splice(0, count)) {
      if (random.below(2) === 0) applyTo(this.#durable, change)
    }
  }

  /** Every node that some crash could leave in this directory. */
  get possibleNodes(): SimNode[] {
    const later = this.#pending.flatMap((change) => [...change.names.values()])
    return [...this.#durable.values(), ...later.filter((node) => node !== null)]
  }

  /** `together` remembers what was decided for the other half of a rename. */
  afterCrash(
    chooser: CrashChooser,
    together: Map<RenameHalves, boolean>,
  ): ReadonlyMap<string, SimNode> {
    const names = new Map(this.#durable)
    for (const change of this.#pending) {
      if (isKept(change, chooser, together)) applyTo(names, change)
    }
    return names
  }

  #set(name: string, node: SimNode | null): void {
    const before = this.#names.get(name)
    if (node === null) this.#names.delete(name)
    else this.#names.set(name, node)
    if (node?.kind === 'file') node.link()
    if (before?.kind === 'file') before.unlink()
  }
}

function copied<Node>(
  names: ReadonlyMap<string, Node>,
  copyOf: (node: Node) => Node,
): Map<string, Node> {
  return new Map([...names].map(([name, node]) => [name, copyOf(node)]))
}

function applyTo(names: Map<string, SimNode>, change: NameChange): void {
  for (const [name, node] of change.names) {
    if (node === null) names.delete(name)
    else names.set(name, node)
  }
}

function isKept(
  change: NameChange,
  chooser: CrashChooser,
  together: Map<RenameHalves, boolean>,
): boolean {
  const { halves } = change
  if (!halves) return chooser.name()
  const kept = together.get(halves) ?? chooser.name()
  together.set(halves, kept)
  return kept
}
