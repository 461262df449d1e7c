import type { HttpIntegration } from '../config/config.ts'
import type { Notifier } from '../delivery/notifier.ts'
import type { HttpPorts } from './http-delivery.ts'
import { deliverByHttp, describeAddress } from './http-delivery.ts'
import { headlineOf } from './plain-text.ts'
import type { SecretSource } from './secret-source.ts'
import type { RenderTemplate } from './template-data.ts'
import { renderOr } from './template-data.ts'

/** Any service that takes a request over HTTP, such as Telegram's bots. */
export function createHttpNotifier(
  ports: HttpPorts,
  integration: HttpIntegration,
  render: RenderTemplate,
): Notifier {
  const { url, http, timeoutMs, method, contentType, headers, body } = integration
  const fill = (text: string, secret: SecretSource['read']) =>
    fillSecrets(text, integration.secrets, secret)
  return {
    to: describeAddress(url.kind === 'plain' ? { kind: 'plain', url: hideSecrets(url.url) } : url),
    send: (notification) =>
      deliverByHttp(ports, {
        ...{ url, http, timeoutMs, method },
        completeUrl: fill,
        compose: async (secret) => ({
          headers: {
            'content-type': contentType,
            ...Object.fromEntries(
              await Promise.all(
                Object.entries(headers).map(
                  async ([name, text]) => [name.toLowerCase(), await fill(text, secret)] as const,
                ),
              ),
            ),
          },
          // Secrets go in last: nothing that an alert says can ask for one.
          body: await fillBody(
            body,
            (template) =>
              renderOr(render, template, notification, (note) =>
                JSON.stringify({ text: headlineOf(notification) + note }),
              ),
            ports.random.bytes(16).toString('hex'),
            (text) => fill(text, secret),
          ),
        }),
      }),
  }
}

const PLACE = /\$\{(\w+)\}/g

/** Puts secrets where the configuration has their names. */
async function fillSecrets(
  text: string,
  references: HttpIntegration['secrets'],
  secret: SecretSource['read'],
): Promise<string> {
  const values = new Map<string, string>()
  for (const [, name = ''] of text.matchAll(PLACE)) {
    const reference = references[name]
    if (reference && !values.has(name)) values.set(name, await secret(reference))
  }
  return text.replace(PLACE, (place, name: string) => values.get(name) ?? place)
}

/** Renders between the places of secrets, and never looks for places in what was rendered. */
async function fillBody(
  template: string,
  render: (template: string) => string,
  nonce: string,
  fill: (text: string) => Promise<string>,
): Promise<string> {
  const places = template.match(PLACE) ?? []
  if (places.length === 0) return render(template)
  // A mark that no alert can know: what stands for a place while the template is rendered.
  const marks = places.map((_, at) => `${nonce}x${at}x`)
  let at = 0
  const rendered = render(template.replace(PLACE, () => marks[at++] ?? ''))
  const pieces = rendered
    .split(new RegExp(`${nonce}x(\\d+)x`))
    .map((piece, index) => (index % 2 === 0 ? piece : fill(places[Number(piece)] ?? '')))
  return (await Promise.all(pieces)).join('')
}

function hideSecrets(url: string): string {
  return url.replace(PLACE, 'secret')
}
