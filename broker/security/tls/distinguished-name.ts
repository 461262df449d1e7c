import type { X509Certificate } from 'node:crypto'

/**
 * The subject of a certificate as Kafka writes it (RFC 2253): the most specific part first, as in
 * `CN=alice,OU=billing,O=Example`. Node gives the parts in the order of the certificate, each on its
 * line, with values escaped as the RFC asks.
 */
export function distinguishedName({ subject }: X509Certificate): string {
  return subject
    .split('\n')
    .reverse()
    .map((part) => part.replaceAll(/(?<!\\) \+ /g, '+'))
    .join(',')
}
