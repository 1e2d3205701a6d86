// Certificates for localhost, made on the spot: new ones, expired ones, ones of tomorrow.
import { createHash, X509Certificate } from 'node:crypto'
import { generate } from 'selfsigned'

export interface Issue {
  readonly cert: string
  readonly key: string
  readonly serial: string
}

const DAY = 24 * 60 * 60 * 1000

/** Valid from `from` to `to`, in days from now. */
export async function issue (from = -1, to = 30): Promise<Issue> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() + from * DAY),
    notAfterDate: new Date(Date.now() + to * DAY),
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }, { type: 7, ip: '127.0.0.1' }, { type: 7, ip: '::1' }] }]
  })
  return { cert, key, serial: new X509Certificate(cert).serialNumber }
}

/** What Chromium wants to hear of a certificate that it is to trust. */
export function spkiOf (cert: string | Buffer): string {
  return createHash('sha256').update(new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' })).digest('base64')
}
