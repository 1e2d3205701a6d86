// Lets what is missing count as a file. Pages ask for icons, manifests and source maps that many apps do not have, and an answer without a file could have been made from anything: every change would reload such a page.
import type { FastifyInstance } from 'fastify'
import { addFileTiming } from './options.js'

/** What browsers request by name, with no character that a quoted string would have to escape. */
const BY_NAME = /^\/(?:[!#-[\]-~]*\/)?(?:[!#-.0-[\]-~]*\.(?:ico|map|webmanifest)|manifest\.json|robots\.txt|(?:favicon|icon|apple-touch-icon|android-chrome|mstile)[\w.-]*\.(?:png|svg|gif|jpe?g|webp))$/i

/** Adds a hook that names the path of a missing icon, manifest, source map or `robots.txt`, so that only this file is a reason to reload. */
export function nameMissingFiles (app: FastifyInstance): void {
  app.addHook('onSend', ({ originalUrl }, reply, payload: unknown, done) => {
    const [path] = originalUrl.split('?', 1) as [string]
    if (reply.statusCode === 404 && BY_NAME.test(path)) addFileTiming(reply, path)
    done(null, payload)
  })
}
