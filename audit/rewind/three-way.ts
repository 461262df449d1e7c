import type { Json, JsonObject } from '../json.ts'
import { sameJson } from '../state/state-diff.ts'

/** A member that somebody changed after the operation that is to be undone. */
export interface Clash {
  /** Names from the resource down, such as `configs/retention.ms`; empty for the resource itself. */
  readonly path: string
  /** What the undone operation left, and what is there instead. Undefined where there is no such member. */
  readonly expected: Json | undefined
  readonly present: Json | undefined
}

export interface Undone {
  readonly value: Json
  readonly clashes: readonly Clash[]
}

/** What to do where somebody else's later change is in the way. */
export type ClashChoice = 'keep' | 'overwrite'

/**
 * Takes one change back out of a value that may have changed since: members that the change left
 * alone stay as they are now, those that it set go back to what they were. A member that no longer
 * is what the change left is a clash, and is kept or overwritten as chosen.
 */
export function undoChange(
  before: Json,
  after: Json,
  present: Json,
  choice: ClashChoice = 'keep',
): Undone {
  const clashes: Clash[] = []
  const value = undoMember({ before, after, present, path: '', choice, clashes })
  return { value: value ?? null, clashes }
}

interface Member {
  readonly before: Json | undefined
  readonly after: Json | undefined
  readonly present: Json | undefined
  readonly path: string
  readonly choice: ClashChoice
  readonly clashes: Clash[]
}

function undoMember(member: Member): Json | undefined {
  const { before, after, present, path, choice, clashes } = member
  if (same(before, after) || same(present, before)) return present
  if (same(present, after)) return before
  if (isObject(before) && isObject(after) && isObject(present)) {
    return undoMembers(before, after, present, member)
  }
  clashes.push({ path, expected: after, present })
  return choice === 'overwrite' ? before : present
}

function undoMembers(
  before: JsonObject,
  after: JsonObject,
  present: JsonObject,
  { path, choice, clashes }: Member,
): JsonObject {
  const names = new Set([before, after, present].flatMap((object) => Object.keys(object)))
  const members: Record<string, Json> = {}
  for (const name of names) {
    const value = undoMember({
      before: member(before, name),
      after: member(after, name),
      present: member(present, name),
      path: path === '' ? name : `${path}/${name}`,
      choice,
      clashes,
    })
    if (value !== undefined) {
      // Defined and not assigned: a member may be called __proto__.
      Object.defineProperty(members, name, {
        value,
        enumerable: true,
        configurable: true,
        writable: true,
      })
    }
  }
  return members
}

function member(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

function same(one: Json | undefined, other: Json | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  return sameJson(one, other)
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
