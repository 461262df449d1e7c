import type { Command } from '../../../broker/control/index.ts'
import type { Random } from '../../../kit/index.ts'
import type { Address, HttpAnswer, KafkaDoor } from './doors.ts'

/** What the sender of an attempt was told. */
export interface Answer {
  /** For each command NONE or an error; one for all of them when they stand or fall together. */
  readonly codes: readonly string[]
  /** Number of the last record, where the door tells. */
  readonly seq?: number | null
  readonly body?: HttpAnswer['body']
}

/** What an attempt has to work with. */
export interface Way {
  readonly address: Address
  /** Of the actor whose attempt it is; the Kafka door of those who come over HTTP is not there. */
  readonly kafka: KafkaDoor | null
  readonly token: string
  readonly mark: string
}

/** What records an attempt leaves. */
export type Expected =
  /** One for each of the commands, in their order. */
  | {
      readonly kind: 'commands'
      readonly commands: readonly Command[]
      readonly isAtomic: boolean
      /** It is about something that has to be there: where it is not there is nothing to decide. */
      readonly needsResource?: boolean
    }
  /** None: it only asks, or is wrong before anything could be decided. */
  | {
      readonly kind: 'nothing'
      /** But that the broker took a block of producer ids because of it. */
      readonly mayAllocate?: boolean
    }
  /** One of the rewind itself, and those of its commands. */
  | { readonly kind: 'rewind' }
  /** All that opens an account, and the account itself, or the refusal of that. */
  | { readonly kind: 'removal of an account'; readonly name: string }

/** One request, as a generator thinks of it. */
export interface Attempt {
  /** For people. */
  readonly what: string
  readonly expected: Expected
  /** The offset that it commits for its actor's own group. */
  readonly commits?: number
  send(way: Way): Promise<Answer>
}

/** What one actor has learnt from its own answers, for later attempts. */
export interface Knowledge {
  readonly tokenIds: string[]
  readonly aclIds: string[]
  readonly delegationTokens: { readonly id: string; readonly hmac: Buffer }[]
  /** Numbers of records that took effect. */
  readonly seqs: number[]
}

export interface GeneratorContext {
  readonly random: Random
  readonly mark: string
  readonly principal: string
  readonly knowledge: Knowledge
  /** Whatever must never be seen in a record or a log line. */
  readonly secrets: Set<string>
}

export type Generator = (context: GeneratorContext) => Attempt
