// The certificate of this example, and of the one with Caddy. `node certificates.js` makes it for containers.
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { devCertificate } from 'fastify-live-reload/dev'

/** The environment variable CERTIFICATES names another folder. */
export function certificate () {
  return devCertificate({ dir: process.env.CERTIFICATES ?? fileURLToPath(new URL('certificates', import.meta.url)) })
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { files } = await certificate()
  console.log(`The certificate is ${files.cert}.`)
}
