// `GET <path>/`: the document of the status page. It is empty; its script fills it.
import type { FastifyInstance } from 'fastify'
import type { LiveReload } from '../../../types/live-reload.js'
import { OWN_ROUTE } from '../../shared/own-routes.js'

/** What the script of the page needs. The gate has checked the host before the token leaves. */
export type StatusPageParts = Pick<LiveReload, 'epoch' | 'token'>

// No other origin, no frame around the page, no inline code, no text that becomes HTML.
const POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
const ICON = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='6' fill='%2312a150'/%3E%3C/svg%3E"

/** Adds the page with and without a slash at the end. */
export function serveStatusPage (scope: FastifyInstance, { epoch, token }: StatusPageParts): void {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>Live reload</title>
<link rel="icon" href="${ICON}">
<script defer src="status.js" data-epoch="${epoch}" data-token="${token}"></script>
</head>
<body>
<noscript>This page needs JavaScript. <a href="health">health</a> says much of the same as JSON.</noscript>
</body>
</html>
`
  scope.get('/', { ...OWN_ROUTE, prefixTrailingSlash: 'both' }, (request, reply) => {
    const [path = ''] = request.url.split('?')
    // Relative, like every address in the page: a proxy may add a prefix.
    if (!path.endsWith('/')) return reply.redirect(`${path.slice(path.lastIndexOf('/') + 1)}/`, 302)
    return reply.headers({ 'content-security-policy': POLICY, 'x-frame-options': 'DENY' }).type('text/html; charset=utf-8').send(html)
  })
}
