import type { CrashChooser } from './crash-choice.ts'
import { errno } from './errno.ts'
import type { RenameHalves, SimNode } from './sim-directory.ts'
import { SimDirectory } from './sim-directory.ts'
import type { Allocation } from './sim-file.ts'
import { SimFile } from './sim-file.ts'

/** The names and files of a simulated disk, with the errors that the operating system gives. */
export class SimTree {
  readonly allocation: Allocation
  readonly #root: SimDirectory

  constructor(allocation: Allocation, root = new SimDirectory()) {
    this.allocation = allocation
    this.#root = root
  }

  find(path: string): SimNode | undefined {
    const { parent, name } = this.#locate(path)
    return name === '' ? parent : parent.get(name)
  }

  exists(path: string): boolean {
    try {
      return this.find(path) !== undefined
    } catch {
      return false
    }
  }

  file(path: string): SimFile {
    const node = this.find(path) ?? fail('ENOENT', path)
    return node.kind === 'file' ? node : fail('EISDIR', path)
  }

  directory(path: string): SimDirectory {
    const node = this.find(path) ?? fail('ENOENT', path)
    return node.kind === 'directory' ? node : fail('ENOTDIR', path)
  }

  createFile(path: string): SimFile {
    const { parent, name } = this.#locate(path)
    if (name === '' || parent.get(name)) fail('EEXIST', path)
    const file = new SimFile(this.allocation)
    parent.change(new Map([[name, file]]))
    return file
  }

  makeDirectory(path: string): void {
    let directory = this.#root
    for (const name of namesOf(path)) {
      let next = directory.get(name)
      if (!next) {
        next = new SimDirectory()
        directory.change(new Map([[name, next]]))
      }
      if (next.kind === 'file')
        fail(directory.get(name) === this.find(path) ? 'EEXIST' : 'ENOTDIR', path)
      directory = next
    }
  }

  rename(from: string, to: string): void {
    const source = this.#locate(from)
    const target = this.#locate(to)
    const node = source.parent.get(source.name) ?? fail('ENOENT', from)
    const replaced = target.parent.get(target.name)
    if (isWithin(from, to)) fail('EINVAL', to)
    if (isWithin(to, from)) fail('ENOTEMPTY', to)
    if (node === replaced) return
    if (replaced) checkReplaceable(node, replaced, to)
    if (source.parent === target.parent) {
      source.parent.change(
        new Map([
          [source.name, null],
          [target.name, node],
        ]),
      )
      return
    }
    const halves: RenameHalves = Symbol(from)
    target.parent.change(new Map([[target.name, node]]), halves)
    source.parent.change(new Map([[source.name, null]]), halves)
  }

  /** Removes what is below first, name by name: a crash can leave any part of it. */
  remove(path: string, maxNames = Number.POSITIVE_INFINITY): void {
    let parent: SimDirectory
    let name: string
    try {
      ;({ parent, name } = this.#locate(path))
    } catch (cause) {
      if (isNotFound(cause)) return
      throw cause
    }
    if (parent.get(name)) removeBelow(parent, name, { left: maxNames })
  }

  /** All of it as it is, synced or not, for the next process on the same running machine. */
  fork(allocation: Allocation): SimTree {
    const copies = new Map<SimNode, SimNode>()
    const copyOf = (node: SimNode): SimNode => {
      const known = copies.get(node)
      if (known) return known
      const copy = node.kind === 'file' ? node.fork(allocation) : node.fork(copyOf)
      copies.set(node, copy)
      return copy
    }
    const root = this.#root.fork(copyOf)
    for (const copy of copies.values()) if (copy.kind === 'file') copy.freeWhenUnused()
    return new SimTree(allocation, root)
  }

  /** What power loss leaves, all of it durable. */
  afterCrash(chooser: CrashChooser, allocation: Allocation): SimTree {
    const nodes = possibleNodes(this.#root)
    const together = new Map<RenameHalves, boolean>()
    const kept = new Map<SimDirectory, ReadonlyMap<string, SimNode>>()
    const rebuilt = new Map<SimNode, () => SimNode>()
    for (const node of nodes) {
      if (node.kind === 'directory') {
        kept.set(node, node.afterCrash(chooser, together))
        continue
      }
      const image = node.afterCrash(chooser)
      let file: SimFile | undefined
      rebuilt.set(node, () => {
        file ??= new SimFile(allocation, image)
        return file
      })
    }
    const build = (directory: SimDirectory): SimDirectory => {
      const names = [...(kept.get(directory) ?? [])].map(
        ([name, node]) =>
          [name, node.kind === 'directory' ? build(node) : rebuilt.get(node)?.()] as const,
      )
      return new SimDirectory(
        new Map(names.flatMap(([name, node]) => (node ? [[name, node]] : []))),
      )
    }
    return new SimTree(allocation, build(this.#root))
  }

  #locate(path: string): { parent: SimDirectory; name: string } {
    const names = namesOf(path)
    const name = names.pop() ?? ''
    let parent = this.#root
    for (const step of names) {
      const next = parent.get(step) ?? fail('ENOENT', path)
      parent = next.kind === 'directory' ? next : fail('ENOTDIR', path)
    }
    return { parent, name }
  }
}

function fail(code: string, path: string): never {
  throw errno(code, path)
}

function isNotFound(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.')
}

function isWithin(directory: string, path: string): boolean {
  const outer = namesOf(directory)
  const inner = namesOf(path)
  return inner.length > outer.length && outer.every((name, i) => name === inner[i])
}

function checkReplaceable(node: SimNode, replaced: SimNode, path: string): void {
  if (replaced.kind === 'file') {
    if (node.kind === 'directory') fail('ENOTDIR', path)
    return
  }
  if (node.kind === 'file') fail('EISDIR', path)
  if (replaced.names.length > 0) fail('ENOTEMPTY', path)
}

function removeBelow(parent: SimDirectory, name: string, budget: { left: number }): void {
  const node = parent.get(name)
  if (node?.kind === 'directory') {
    for (const inner of node.names) removeBelow(node, inner, budget)
  }
  if (budget.left-- > 0) parent.change(new Map([[name, null]]))
}

/** Every node that some crash could leave, each once, in an order that depends on nothing but history. */
function possibleNodes(root: SimDirectory): Set<SimNode> {
  const found = new Set<SimNode>([root])
  for (const node of found) {
    if (node.kind === 'directory') for (const inner of node.possibleNodes) found.add(inner)
  }
  return found
}
