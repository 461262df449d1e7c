import type { CheckpointTarget, EventFormat, HistoryTrail, NoteSigner } from '../audit/index.ts'
import {
  Cosignatures,
  consistencyHashes,
  EventPusher,
  fileTarget,
  originOf,
  outputTarget,
  parseVerifierKey,
  pushTarget,
  rotatedKey,
  SigningKeyFiles,
  witnessTarget,
} from '../audit/index.ts'
import type { Clock, Disk, Logger, Random, Timers } from '../kit/index.ts'
import type { RotateKeyOptions } from './admin/index.ts'
import type { Actor, ControlPlane, Outcome } from './control/index.ts'
import { systemActor } from './control/index.ts'
import type { ProofState } from './telemetry/index.ts'

/** How the history is signed and where its checkpoints go. */
export interface AuditSettings {
  /** A checkpoint after so many records, and after so long when there were any. */
  readonly checkpointRecords: number
  readonly checkpointMs: number
  /** Where the signing key lies; beside the checkpoints when null. */
  readonly keyFile: string | null
  /** A file outside the data directory that checkpoints are appended to. */
  readonly checkpointFile: string | null
  readonly checkpointsToOutput: boolean
  /** A witness: the address to submit to, a space, its verifier key. */
  readonly witness: string | null
  /** Where every new record is pushed to: a webhook or a syslog server. */
  readonly push: {
    readonly url: string
    readonly format: EventFormat
    readonly authorization: string | null
  } | null
}

export const defaultAuditSettings: AuditSettings = {
  checkpointRecords: 256,
  checkpointMs: 10_000,
  keyFile: null,
  checkpointFile: null,
  checkpointsToOutput: false,
  witness: null,
  push: null,
}

export interface AuditTrailOptions {
  readonly dataDirectory: string
  readonly settings: AuditSettings
  readonly disk: Disk
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
}

/** To a key that is not made yet: making it writes to the disk, which is not for everybody to ask for. */
const ROTATION = { kind: 'audit.key.rotate', verifierKey: '', endorsement: null } as const

/** Where a data directory keeps what proves its history. */
export const auditDirectory = (dataDirectory: string): string => `${dataDirectory}/audit`

/** The key that record 0 of a new cluster names; made here when the directory has none. */
export async function firstAuditKey(
  options: AuditTrailOptions,
  clusterId: string,
): Promise<string> {
  await options.disk.makeDirectory(auditDirectory(options.dataDirectory))
  const signer = await keyFilesOf(options).create(originOf(clusterId))
  return signer.verifier.text
}

function keyFilesOf({ dataDirectory, settings, disk, random }: AuditTrailOptions): SigningKeyFiles {
  const directory = auditDirectory(dataDirectory)
  return new SigningKeyFiles({ disk, random, directory, keyFile: settings.keyFile })
}

/** The trail of a running broker: signs, publishes, and changes its key when somebody asks. */
export class AuditTrail {
  readonly trail: HistoryTrail
  readonly #keys: SigningKeyFiles
  readonly #control: ControlPlane
  readonly #cosignatures: Cosignatures | null
  #pusher: EventPusher | null = null
  readonly #clock: Clock
  /** When the history was signed last, or began to be. */
  #signedAtMs: number
  /** Unix ms; null before the first checkpoint since the start. */
  #checkpointAtMs: number | null = null
  #signer: NoteSigner
  #rotating: Promise<unknown> = Promise.resolve()

  private constructor(
    trail: HistoryTrail,
    keys: SigningKeyFiles,
    control: ControlPlane,
    cosignatures: Cosignatures | null,
    signer: NoteSigner,
    clock: Clock,
  ) {
    this.trail = trail
    this.#clock = clock
    this.#signedAtMs = clock.monotonicMs()
    this.#keys = keys
    this.#control = control
    this.#cosignatures = cosignatures
    this.#signer = signer
  }

  /** How much of the file of cosignatures there is; null without a witness. */
  get cosignatureBytes(): number | null {
    return this.#cosignatures?.sizeBytes ?? null
  }

  /** From now on the trail is signed. Throws a HistoryError when the key is not the history's. */
  static async open(
    control: ControlPlane,
    trail: HistoryTrail,
    options: AuditTrailOptions,
  ): Promise<AuditTrail> {
    const { settings, disk } = options
    const directory = auditDirectory(options.dataDirectory)
    const keys = keyFilesOf(options)
    const signer = await signerInForce(control, keys)
    const cosignatures = settings.witness === null ? null : await Cosignatures.open(disk, directory)
    const { clock } = options
    const audit = new AuditTrail(trail, keys, control, cosignatures, signer, clock)
    trail.sign({
      onCheckpoint: () => {
        audit.#signedAtMs = clock.monotonicMs()
        audit.#checkpointAtMs = clock.now()
      },
      signer,
      everyRecords: settings.checkpointRecords,
      everyMs: settings.checkpointMs,
      targets: targetsOf(options, trail, cosignatures),
    })
    audit.#pusher = await startPush(trail, options)
    return audit
  }

  /** The newest checkpoint that a witness signed, else the newest. */
  get checkpointText(): string | null {
    return this.#cosignatures?.last?.text ?? this.trail.lastCheckpoint?.text ?? null
  }

  /** How far signatures, other places and other systems are; for metrics. */
  get state(): ProofState {
    const { lastCheckpoint, tree, publishers, failures } = this.trail
    const signedRecords = lastCheckpoint?.size ?? 0
    const isAllSigned = signedRecords === tree.size
    return {
      signedRecords,
      checkpointAtMs: this.#checkpointAtMs,
      unsignedMs: isAllSigned ? 0 : this.#clock.monotonicMs() - this.#signedAtMs,
      failures,
      publishers,
      push: this.#pusher?.state ?? null,
    }
  }

  /** Puts a new key in force: the old one signs it, and the record of that is where it begins. */
  rotateKey(actor: Actor, options: RotateKeyOptions): Promise<Outcome> {
    const rotation = this.#rotating.then(() => this.#rotate(actor, options))
    this.#rotating = rotation.catch(() => {})
    return rotation
  }

  /** Signs what is left. */
  async stop(): Promise<void> {
    await this.#pusher?.stop()
    await this.trail.stop()
    await this.#cosignatures?.close()
  }

  async #rotate(actor: Actor, { dryRun, reason }: RotateKeyOptions): Promise<Outcome> {
    const denied = await this.#control.denialOf(
      { command: ROTATION, asked: {}, validateOnly: dryRun, reason },
      actor,
    )
    if (denied) return denied
    const { name } = this.#signer
    const next = dryRun ? this.#keys.trial(name) : await this.#keys.prepareNext(name)
    const { verifierKey, endorsement } = rotatedKey(this.#signer, next.verifier)
    const notes = reason === undefined ? {} : { notes: [{ reason }] }
    const [outcome] = await this.#control.execute(
      [{ ...ROTATION, verifierKey, endorsement }],
      actor,
      { ...notes, validateOnly: dryRun },
    )
    if (!outcome) throw new Error('a command has an outcome')
    if (outcome.error === 'NONE' && !dryRun) {
      await this.#keys.commitNext(next)
      this.#signer = next
      this.trail.useKey(next)
    }
    return outcome
  }
}

async function startPush(
  { history, origin }: HistoryTrail,
  { dataDirectory, settings, ...platform }: AuditTrailOptions,
): Promise<EventPusher | null> {
  if (settings.push === null) return null
  const target = pushTarget({ ...settings.push, origin, timers: platform.timers })
  const cursorFile = `${auditDirectory(dataDirectory)}/push`
  return EventPusher.start({ history, target, cursorFile, ...platform })
}

/** The key that the history names. One that never named any gets its first one, by a record. */
async function signerInForce(control: ControlPlane, keys: SigningKeyFiles): Promise<NoteSigner> {
  const { auditKey, clusterId } = control.state
  if (auditKey !== null) return keys.load(auditKey)
  const signer = await keys.create(originOf(clusterId))
  const { verifierKey, endorsement } = rotatedKey(null, signer.verifier)
  const command = { kind: 'audit.key.rotate', verifierKey, endorsement } as const
  const [outcome] = await control.execute([command], systemActor)
  if (outcome?.error !== 'NONE') {
    throw new Error(`the history cannot be signed: ${outcome?.message}`)
  }
  return signer
}

function targetsOf(
  { settings, disk, timers }: AuditTrailOptions,
  trail: HistoryTrail,
  cosignatures: Cosignatures | null,
): readonly CheckpointTarget[] {
  const { checkpointFile, checkpointsToOutput, witness } = settings
  const targets: CheckpointTarget[] = []
  if (checkpointFile !== null) targets.push(fileTarget(disk, checkpointFile))
  if (checkpointsToOutput) targets.push(outputTarget((line) => process.stdout.write(line)))
  if (witness !== null && cosignatures) {
    const [url = '', key = ''] = witness.split(' ', 2)
    targets.push(
      witnessTarget({
        url,
        key: parseVerifierKey(key),
        consistency: (oldSize, size) => consistencyHashes(trail.tree, oldSize, size),
        keep: (checkpoint, cosignature) => cosignatures.keep(checkpoint, cosignature),
        timers,
      }),
    )
  }
  return targets
}
