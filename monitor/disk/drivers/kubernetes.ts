import { inBytes } from '../step.ts'
import type { DriverAnswer, ExpansionDriver } from './driver.ts'
import { quantityBytes } from './kubernetes-quantity.ts'

export interface KubernetesSettings {
  readonly namespace: string
  /** The PersistentVolumeClaim that the broker's data is on. */
  readonly claim: string
  /** Null for the account of the pod that this runs in. */
  readonly kubeconfig: string | null
}

/** Terminal states of a resize (`status.allocatedResourceStatuses`), by their present and their older names. */
const HOPELESS = /(?:Infeasible|Failed)$/

/**
 * Asks Kubernetes for a larger volume by the claim's `spec.resources.requests.storage`. The storage class must
 * allow that (`allowVolumeExpansion`), and the account `get` and `patch` of `persistentvolumeclaims`. The request
 * names a size, so that the same again changes nothing.
 */
export function createKubernetesDriver(settings: KubernetesSettings): ExpansionDriver {
  const { namespace, claim: name } = settings
  let connection: ReturnType<typeof connect> | null = null
  const connected = () => {
    // A configuration that could not be read may be there the next time.
    connection ??= connect(settings.kubeconfig).catch((error: unknown) => {
      connection = null
      throw error
    })
    return connection
  }
  const read = async () => {
    const { core } = await connected()
    const claim = await core.readNamespacedPersistentVolumeClaim({ namespace, name })
    const requestedBytes = quantityBytes(claim.spec?.resources?.requests?.storage ?? '')
    if (requestedBytes === null) throw new Error(`${name} asks for no storage`)
    const state = claim.status?.allocatedResourceStatuses?.storage ?? ''
    const givenBytes = quantityBytes(claim.status?.capacity?.storage ?? '')
    return { requestedBytes, isPending: givenBytes !== null && givenBytes < requestedBytes, state }
  }
  return {
    name: 'kubernetes',
    scales: 'volume',
    async bounds() {
      const { requestedBytes, isPending } = await read()
      // What was asked for has not come: asking for more, step by step, would only add to what has to be paid for.
      return { scaledBytes: requestedBytes, largestBytes: isPending ? requestedBytes : null }
    },
    async expand({ step: { to } }): Promise<DriverAnswer> {
      const { core, asMergePatch, ApiException } = await connected()
      const detail = `${namespace}/${name} asks for ${inBytes(to)}`
      try {
        if ((await read()).requestedBytes >= to) return { kind: 'asked', detail }
        const body = { spec: { resources: { requests: { storage: String(to) } } } }
        await core.patchNamespacedPersistentVolumeClaim({ namespace, name, body }, asMergePatch)
        return { kind: 'asked', detail }
      } catch (error) {
        if (!(error instanceof ApiException) || isTransient(error.code)) throw error
        return { kind: 'refused', detail: `HTTP ${error.code}: ${messageOf(error.body)}` }
      }
    },
    async refusal() {
      const { state } = await read()
      return HOPELESS.test(state) ? `${namespace}/${name}: ${state}` : null
    },
  }
}

/** The client is large, and most machines have no use for it: it is loaded when it is needed. */
async function connect(kubeconfig: string | null) {
  const client = await import('@kubernetes/client-node')
  const config = new client.KubeConfig()
  if (kubeconfig === null) config.loadFromCluster()
  else config.loadFromFile(kubeconfig)
  return {
    core: config.makeApiClient(client.CoreV1Api),
    asMergePatch: client.setHeaderOptions('Content-Type', client.PatchStrategy.MergePatch),
    ApiException: client.ApiException,
  }
}

function isTransient(status: number): boolean {
  return status >= 500 || status === 408 || status === 409 || status === 429
}

/** What the API server says, out of its `Status` object. */
function messageOf(body: unknown): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? '')
  try {
    return (JSON.parse(text) as { readonly message?: string }).message ?? text
  } catch {
    return text
  }
}
