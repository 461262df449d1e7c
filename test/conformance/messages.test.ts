import { describe, expect, it } from 'vitest'
import type { Message } from '../../protocol/index.ts'
import { inRange, isFlexible, MESSAGES, UNDECLARED } from '../../protocol/index.ts'
import type { MessageDescription } from './descriptions.ts'
import { loadDescriptions, RELEASES } from './descriptions.ts'
import { declaredField, declaredRows, describedAbsence, describedRows } from './rows.ts'
import { isIn, versionsIn } from './version-notation.ts'

const releases = RELEASES.map((release) => ({ release, messages: loadDescriptions(release) }))
const newest = releases.at(-1)?.messages ?? new Map<string, MessageDescription>()
const declared = new Map(MESSAGES.map((message) => [message.name, message]))
const undeclared = new Set(
  UNDECLARED.flatMap(({ name }) => [name, `${name}Request`, `${name}Response`]),
)

/** Responses carry neither listeners nor stability; their requests do. */
function requestOf(
  messages: ReadonlyMap<string, MessageDescription>,
  message: MessageDescription,
): MessageDescription {
  return messages.get(message.name.replace(/Response$/, 'Request')) ?? message
}

/**
 * The versions of a description that we must have. A version that was unstable in an older release
 * was never part of the protocol and could change until it was, so only the newest release counts.
 */
function bindingVersions(
  messages: ReadonlyMap<string, MessageDescription>,
  message: MessageDescription,
): number[] {
  const all = versionsIn(message.validVersions)
  const unstable = requestOf(messages, message).latestVersionUnstable === true
  return unstable && messages !== newest ? all.slice(0, -1) : all
}

describe('every message is declared or listed with a reason', () => {
  for (const { release, messages } of releases) {
    it(`of Kafka ${release}`, () => {
      const forgotten = [...messages.keys()].filter(
        (name) => !declared.has(name) && !undeclared.has(name),
      )
      expect(forgotten).toEqual([])
    })
  }

  it('and no message is both', () => {
    expect([...declared.keys()].filter((name) => undeclared.has(name))).toEqual([])
  })

  it('nothing is listed that the broker listener of the newest release takes', () => {
    const taken = [...newest.values()].filter((message) => message.listeners?.includes('broker'))
    expect(taken.length).toBeGreaterThan(70)
    expect(taken.map(({ name }) => name).filter((name) => !declared.has(name))).toEqual([])
  })

  it('nothing is listed or declared that no release describes', () => {
    const known = new Set(releases.flatMap(({ messages }) => [...messages.keys()]))
    const listed = UNDECLARED.map(({ name }) => name)
    const isKnown = (name: string): boolean => known.has(name) || known.has(`${name}Request`)
    expect([...declared.keys(), ...listed].filter((name) => !isKnown(name))).toEqual([])
  })
})

describe.each(releases)('as Kafka $release describes them', ({ messages }) => {
  const both = [...messages.values()].flatMap(
    (description): [string, MessageDescription, Message][] => {
      const message = declared.get(description.name)
      return message === undefined ? [] : [[description.name, description, message]]
    },
  )

  it.each(both)('%s', (_name, description, message) => {
    expect(message.kind).toBe(description.type)
    expect(message.apiKey).toBe(description.apiKey ?? -1)
    for (const version of bindingVersions(messages, description)) {
      expect(inRange(message.versions, version), `v${version} is declared`).toBe(true)
      expect(isFlexible(message, version), `v${version} is flexible`).toBe(
        isIn(description.flexibleVersions, version),
      )
      expect(declaredRows(message, version), `v${version}`).toEqual(
        describedRows(description, version),
      )
      for (const { path, ignorable } of describedAbsence(description, version)) {
        const field = declaredField(message, path)
        expect(field?.spec.ignorable, `v${version} lacks ${path.join('.')}, ignorable`).toBe(
          ignorable,
        )
      }
    }
  })
})

describe('versions', () => {
  it.each([...declared.values()].map((message): [string, Message] => [message.name, message]))(
    '%s has none that no release describes, and advertises none that is unstable',
    (name, message) => {
      const described = releases.flatMap(({ messages }) => {
        const description = messages.get(name)
        return description === undefined ? [] : bindingVersions(messages, description)
      })
      expect([message.versions.min, message.versions.max]).toEqual([
        Math.min(...described),
        Math.max(...described),
      ])
      const description = newest.get(name)
      if (description === undefined) return
      const unstable = requestOf(newest, description).latestVersionUnstable === true
      expect(message.latestStable).toBe(message.versions.max - (unstable ? 1 : 0))
    },
  )
})
